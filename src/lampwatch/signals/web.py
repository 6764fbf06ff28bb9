"""The way out of importers: polite, patient and bounded. A failure is a UserError of one line.

Politeness is a pause between two requests to one host, and doing as told by Retry-After. Patience is some tries more
where a server or the way to it fails for now. Bounds are on time, on bytes as they come and on bytes unpacked.
"""

import ipaddress
import zlib
from collections.abc import Callable, Collection, Mapping
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx
import msgspec

from lampwatch import __version__
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.signals.retrying import RETRIED, asked_wait_s

AGENT: Final = f"lampwatch/{__version__} (series importer; one request a second)"
_OK: Final = 200
_NOT_THERE: Final = 404
_NO_ACCESS: Final = (401, 403)
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_MOST_REDIRECTS: Final = 5
_GZIP: Final = 31
"""What zlib calls a stream with gzip's header."""

T = TypeVar("T")
Query = Mapping[str, str | int]


class Limits(msgspec.Struct, frozen=True):
    """How far an importer goes: times in seconds, sizes in bytes; tries counts the first one."""

    packed_bytes: int = 64 * 1024 * 1024
    unpacked_bytes: int = 256 * 1024 * 1024
    tries: int = 4
    first_wait_s: float = 2.0
    longest_wait_s: float = 300.0
    between_s: float = 1.0
    silence_s: float = 30.0
    answer_s: float = 300.0


class Answer(msgspec.Struct, frozen=True):
    """What a server said: a status that was asked for, and the unpacked body."""

    status: int
    body: bytes


class _AnswerError(Exception):
    """Why an answer cannot be used; again says whether another try may bring one, and after how long at the least."""

    def __init__(self, why: str, *, again: bool = False, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.again = again
        self.wait_s = wait_s


class Web:
    """Fetches over HTTPS; over HTTP from this machine only, unless it is allowed. Close it, or use it as a context.

    clock gives seconds since 1970, sleep waits so many seconds. tokens are secrets by the name of the importer they are
    for: they are sent in a header to the address that was asked, never to where it redirects, and never shown.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        tokens: Mapping[str, str] | None = None,
        allow_http: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._tokens = {name: token.strip() for name, token in (tokens or {}).items() if token.strip()}
        for name, token in self._tokens.items():
            if not (token.isascii() and token.isprintable() and " " not in token):
                raise UserError(f"the token for {name} holds characters that no token has; set it anew")
        self._allow_http = allow_http
        self._limits = limits or Limits()
        self._last: dict[str, float] = {}
        # Nothing is taken from the environment: a .netrc there would send passwords that nobody meant.
        self._client = httpx.Client(
            headers={"User-Agent": AGENT, "Accept-Encoding": "gzip"},
            timeout=self._limits.silence_s,
            trust_env=False,
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def now(self) -> int:
        """The time, in seconds since 1970 (UTC)."""
        return int(self._clock())

    def has_token(self, name: str) -> bool:
        """Whether there is a token for an importer."""
        return name in self._tokens

    def get(
        self,
        address: str,
        query: Query | None = None,
        *,
        accept: str = "application/json",
        bearer: str = "",
        also: Collection[int] = (),
    ) -> Answer:
        """Ask an address, with a query of names and values; the answer is 200, or has one of the statuses in also.

        bearer names the importer whose token is sent along, if there is one. Raises UserError.
        """
        url = self._checked(address)
        if query:
            url = url.copy_merge_params({name: str(value) for name, value in query.items()})
        headers = {"Accept": accept}
        if bearer in self._tokens:
            headers["Authorization"] = f"Bearer {self._tokens[bearer]}"
        wait_s = self._limits.first_wait_s
        for left in range(self._limits.tries - 1, -1, -1):
            try:
                return self._followed(url, headers, also)
            except _AnswerError as error:
                if not error.again or not left:
                    raise UserError(f"{_shown(url)}: {error}") from None
                if error.wait_s > self._limits.longest_wait_s:
                    minutes = -(-int(error.wait_s) // 60)
                    raise UserError(f"{_shown(url)}: {error}; try again in {minutes} minutes") from None
                self._sleep(min(max(wait_s, error.wait_s), self._limits.longest_wait_s))
                wait_s *= 3
        raise AssertionError  # the last try returned or raised

    def json(self, address: str, kind: type[T], query: Query | None = None, *, bearer: str = "") -> T:
        """The answer of an address as JSON of a kind. Raises UserError where it is something else."""
        return self.decoded(self.get(address, query, bearer=bearer).body, kind, address)

    def decoded(self, body: bytes, kind: type[T], address: str) -> T:
        """A body that an address gave, as JSON of a kind. Raises UserError where it is something else."""
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            why = printable(str(error))
            raise UserError(
                f"{_shown(self._checked(address))}: the answer is not as documented ({why})"
            ) from error

    def _checked(self, address: str) -> httpx.URL:
        try:
            url = httpx.URL(address)
        except (httpx.InvalidURL, TypeError) as error:
            raise UserError(
                f"{printable(address)[:200]} is no address; write it as https://example.org/"
            ) from error
        if url.userinfo:
            raise UserError(f"{_shown(url)}: an address may not hold a password")
        if url.scheme not in {"https", "http"} or not url.host:
            raise UserError(f"{_shown(url)} is no address; write it as https://example.org/")
        if url.scheme == "http" and not (self._allow_http or _is_here(url.host)):
            raise UserError(
                f"{_shown(url)}: http can be read and changed on the way. Use https, or allow it with --allow-http"
            )
        return url

    def _followed(self, url: httpx.URL, headers: dict[str, str], also: Collection[int]) -> Answer:
        """The answer of an address, or of where it redirects."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._asked(url, headers, also)
            if isinstance(answer, Answer):
                return answer
            before, url = url, self._checked(str(answer))
            if (before.scheme, before.host, before.port) != (url.scheme, url.host, url.port):
                headers = {name: value for name, value in headers.items() if name != "Authorization"}
        raise _AnswerError("the server redirects without end")

    def _asked(self, url: httpx.URL, headers: Mapping[str, str], also: Collection[int]) -> Answer | httpx.URL:
        """One request: what it brought, or where it redirects."""
        self._wait_for(url.host)
        try:
            with self._client.stream("GET", url, headers=dict(headers)) as response:
                if response.status_code in _REDIRECTS and "Location" in response.headers:
                    return url.join(response.headers["Location"])
                if response.status_code != _OK and response.status_code not in also:
                    raise self._refusal(response)
                return Answer(response.status_code, self._body(response))
        except httpx.TimeoutException as error:
            raise _AnswerError(
                f"no answer within {self._limits.silence_s:.0f} seconds", again=True
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            why = printable(str(error))[:200] or type(error).__name__
            raise _AnswerError(f"cannot be reached ({why})", again=True) from error

    def _refusal(self, response: httpx.Response) -> _AnswerError:
        status = response.status_code
        if status in RETRIED:
            wait_s = asked_wait_s(response.headers.get("Retry-After", ""), self._clock())
            return _AnswerError(f"the server is busy or failing ({status})", again=True, wait_s=wait_s)
        if status in _NO_ACCESS:
            return _AnswerError(f"the server refuses access ({status}); check the token, if it asks for one")
        if status == _NOT_THERE:
            return _AnswerError("the server has nothing there (404)")
        return _AnswerError(f"the server answers {status}")

    def _body(self, response: httpx.Response) -> bytes:
        """The whole body, unpacked, within all bounds."""
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if encoding not in {"gzip", "identity"}:
            raise _AnswerError(f"the answer is packed as {printable(encoding)[:40]}, which was not asked for")
        unpack = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        ends = self._clock() + self._limits.answer_s
        packed, body = 0, bytearray()
        for chunk in response.iter_raw():
            packed += len(chunk)
            room = self._limits.unpacked_bytes + 1 - len(body)
            try:
                body += unpack.decompress(chunk, room) if unpack else chunk
            except zlib.error as error:
                raise _AnswerError(f"the answer cannot be unpacked ({error})", again=True) from error
            if packed > self._limits.packed_bytes or len(body) > self._limits.unpacked_bytes:
                raise _AnswerError("the answer is larger than any honest one; ask for a shorter time")
            if self._clock() > ends:
                raise _AnswerError(f"the answer took longer than {self._limits.answer_s:.0f} seconds")
        if unpack and not unpack.eof:
            raise _AnswerError("the answer ends in the middle", again=True)
        return bytes(body)

    def _wait_for(self, host: str) -> None:
        """Let the pause between two requests to a host go by."""
        if host in self._last:
            pause = self._last[host] + self._limits.between_s - self._clock()
            if pause > 0:
                # No longer than the pause itself: a clock that was set back must not make anybody wait for years.
                self._sleep(min(pause, self._limits.between_s))
        self._last[host] = self._clock()


def _shown(url: httpx.URL) -> str:
    """An address without what may be secret in it: its password and its query."""
    return printable(f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}")[:200]


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
