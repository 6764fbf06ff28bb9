"""The link to RIS Live: kept up through losses, which are told as such."""

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias
from urllib.parse import urlencode

import msgspec
from websockets.exceptions import InvalidURI, WebSocketException
from websockets.sync.client import ClientConnection, connect

from lampwatch.formats.mrt import MrtItem
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.signals.bgp.ris_live import MalformedMessageError, RefusedError, read, subscriptions

QUIET_S: Final = 60.0
"""A collector's peers never say nothing for so long: the link is dead, whatever it looks like."""
LONGEST_WAIT_S: Final = 60.0


class Lost(msgspec.Struct, frozen=True):
    """What was said from begin to end did not reach us (seconds since 1970)."""

    begin: float
    end: float


Heard: TypeAlias = tuple[str, MrtItem] | Lost


class RisLink:
    """Hears what the peers of one collector say, for ever.

    malformed counts messages that cannot be used, first_malformed says why the first cannot; complaints are the
    server's own; losses, how often the link broke. wait is called with seconds before each further try.
    """

    def __init__(
        self, address: str, collector: str, *, wait: Callable[[float], None], quiet_s: float = QUIET_S
    ) -> None:
        self._address = f"{address}?{urlencode({'client': 'lampwatch'})}"
        self._collector, self._wait, self._quiet_s = collector, wait, quiet_s
        self.heard = 0
        self.malformed = 0
        self.first_malformed = ""
        self.complaints: list[str] = []
        self.losses = 0
        self._last: float | None = None

    def messages(self, last: float | None = None) -> Iterator[Heard]:
        """What is said, and what was missed: since last (the end of the files read before), and at each loss.

        Raises UserError for an address that is none.
        """
        self._last = last
        attempt = 0
        while True:
            heard_before = self.heard
            try:
                with connect(self._address, max_size=None, proxy=None) as link:
                    for request in subscriptions(self._collector):
                        link.send(request, text=True)
                    yield from self._of_link(link)
            except InvalidURI as error:
                raise UserError(f"{self._address} is no address of a WebSocket: write wss://…") from error
            except (WebSocketException, OSError, TimeoutError) as error:
                self.complaints.append(printable(str(error) or type(error).__name__)[:200])
                del self.complaints[:-100]
            self.losses += 1
            attempt = 0 if self.heard > heard_before else attempt + 1
            self._wait(min(2.0**attempt, LONGEST_WAIT_S))

    def _of_link(self, link: ClientConnection) -> Iterator[Heard]:
        """What comes over one connection, until it breaks."""
        first = True
        while True:
            raw = link.recv(timeout=self._quiet_s)
            self.heard += 1
            try:
                found = read(raw)
            except MalformedMessageError as error:
                self.malformed += 1
                self.first_malformed = self.first_malformed or printable(str(error))[:200]
                continue
            except RefusedError as error:
                self.complaints.append(printable(str(error))[:200])
                continue
            if found is None:
                continue
            time = found[1].time
            if first and self._last is not None and time > self._last:
                yield Lost(self._last, time)
            first, self._last = False, max(time, self._last or time)
            yield found
