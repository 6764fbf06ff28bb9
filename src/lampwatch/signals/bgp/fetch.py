"""Files of archives, fetched once: into a folder, by range where a fetch was cut short, and read from there."""

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx

from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

TRIES: Final = 5
TIMEOUT: Final = httpx.Timeout(60, connect=20)
_PARTIAL, _NOT_SATISFIABLE, _NOT_FOUND = 206, 416, 404
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_PLAIN: Final = re.compile(r"[^A-Za-z0-9.-]+")

Progress = Callable[[str, int, int | None], None]
"""Told of a fetch as it goes: the file's name, bytes so far, and of how many (None where the server does not say)."""


class MissingError(Exception):
    """A file that the archive does not have: collectors have holes, which are no reason to stop."""


class Fetcher:
    """Gives the files of addresses, from its folder where they are there whole.

    wait is called with seconds before each further try. An archive's file never changes, so that one fetched whole is
    not asked for again. What a try brought stays, and the next one asks for the rest.
    """

    def __init__(
        self,
        folder: Path,
        *,
        client: httpx.Client,
        wait: Callable[[float], None],
        progress: Progress = lambda _name, _done, _total: None,
    ) -> None:
        self._folder, self._client, self._wait, self._progress = folder, client, wait, progress

    def path(self, address: str) -> Path:
        """The whole file, fetched if need be. Raises MissingError, and UserError where the server stays unreachable."""
        digest = hashlib.sha256(address.encode()).hexdigest()[:12]
        kept = self._folder / f"{_PLAIN.sub('-', address.partition('://')[2])[-100:]}.{digest}"
        if kept.exists():
            return kept
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = kept.with_name(f"{kept.name}.part")
            self._fetch_with_patience(address, part)
            part.rename(kept)
        except OSError as error:
            raise UserError(f"{self._folder} cannot be written: {error.strerror}") from error
        return kept

    def _fetch_with_patience(self, address: str, part: Path) -> None:
        shown, reason = printable(address), ""
        for attempt in range(TRIES):
            if attempt:
                self._wait(2.0**attempt)
            try:
                if self._fetched(address, part):
                    return
                reason = "the connection ended before the file did"
            except httpx.HTTPStatusError as error:
                status = error.response.status_code
                if status == _NOT_FOUND:
                    raise MissingError(shown) from error
                if status not in _AGAIN:
                    raise UserError(f"{shown}: the server answers {status}. Check the address.") from error
                reason = f"the server answers {status}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                reason = printable(str(error) or type(error).__name__)[:200]
        raise UserError(
            f"{shown} cannot be fetched ({reason}). Run the command again: it goes on where it stopped."
        )

    def _fetched(self, address: str, part: Path) -> bool:
        """Fetch what part does not hold yet; whether it is whole then."""
        have = part.stat().st_size if part.exists() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        # Packed files stay as they are: what the server would pack on the way has no fixed length.
        headers["Accept-Encoding"] = "identity"
        with self._client.stream("GET", address, headers=headers, follow_redirects=True) as response:
            if response.status_code == _NOT_SATISFIABLE:
                part.unlink()
                return False
            response.raise_for_status()
            if response.status_code != _PARTIAL:
                have = 0
            length = response.headers.get("Content-Length", "")
            total = have + int(length) if length.isdigit() else None
            name = address.rpartition("/")[2]
            with part.open("ab" if have else "wb") as out:
                for chunk in response.iter_raw():
                    out.write(chunk)
                    have += len(chunk)
                    self._progress(name, have, total)
        return total is None or have == total


def chunks_of(path: Path, size: int = 65_536) -> Iterator[bytes]:
    """The bytes of a file. Raises UserError where it cannot be read."""
    try:
        with path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
