"""Streams in a script: a site whose playlist goes on with the clock, or does not, and one that only plays sound."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from lampwatch.model.failure import Failure, Operation
from lampwatch.model.verdict import Verdict
from lampwatch.probe.failed import Failed
from tests.methods.judging import Method
from tests.probe.scripted import Said, ScriptedNetwork, Server, Serving, kit_over
from tests.probe.servers import RawWeb, TlsServer, certificate, page, trusting

METHOD = Method("stream")
HOST, PIECES = "live.test", "cdn.test"
IP, PIECES_IP = "93.184.216.34", "93.184.216.99"
URL = f"https://{HOST}/live.m3u8"
SEGMENT_S = 4
Page = Callable[[str, float], bytes]
"""What a path holds, and when: seconds since the script began."""


def hls(newest: int, *, ended: bool = False, pieces: str = "") -> bytes:
    """A media playlist of three segments."""
    lines = ["#EXTM3U", f"#EXT-X-TARGETDURATION:{SEGMENT_S}", f"#EXT-X-MEDIA-SEQUENCE:{newest - 2}"]
    for n in range(newest - 2, newest + 1):
        at = dt.datetime.fromtimestamp(n * SEGMENT_S, dt.UTC).isoformat()
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{at}", f"#EXTINF:{SEGMENT_S}.0,", f"{pieces}{n}.ts"]
    return "\n".join([*lines, "#EXT-X-ENDLIST"] if ended else lines).encode()


def going_on(path: str, now: float) -> bytes:
    """A live stream."""
    return page(body=hls(100 + int(now // SEGMENT_S))) if path.endswith(".m3u8") else page(body=bytes(1000))


def standing(path: str, now: float) -> bytes:
    """The same, and nobody feeds it."""
    del now
    return going_on(path, 0.0)


class Station(ScriptedNetwork):
    """Hosts over TLS, and over plain HTTP, by address; each gives what its page says."""

    def __init__(
        self,
        holds: Page = going_on,
        *,
        pieces: Page | Failure | list[Said] | None = None,
        streams: Mapping[str, Serving] | None = None,
        names: Mapping[str, list[str] | Failure] | None = None,
    ) -> None:
        named: dict[str, list[str] | Failure] = {HOST: [IP], PIECES: [PIECES_IP]}
        super().__init__({**named, **(names or {})})
        there: dict[str, Serving] = {f"{IP}:443": self.over_tls(holds), f"{IP}:80": self.plain(holds)}
        if pieces is not None:
            there[PIECES_IP] = pieces if isinstance(pieces, Failure) else self.of_pieces(pieces)
        self.streams = {**there, **(streams or {})}

    def of_pieces(self, holds: Page | list[Said]) -> Serving:
        if isinstance(holds, list):
            return lambda: TlsServer(
                self._web(going_on), certificate(PIECES), ("http/1.1",), instead={PIECES: holds}
            )
        return lambda: TlsServer(self._web(holds), certificate(PIECES), ("http/1.1",))

    def over_tls(self, holds: Page, name: str = HOST) -> Serving:
        return lambda: TlsServer(self._web(holds), certificate(name), ("http/1.1",))

    def plain(self, holds: Page) -> Serving:
        return lambda: self._web(holds)

    def _web(self, holds: Page) -> Server:
        return RawWeb(lambda asked: holds(asked.split()[1].decode(), self.clock.passed))


class Outside:
    """A control that answers by the URL it is asked about; a list is said one by one."""

    address = "https://control.test/"

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = {url: list(said) if isinstance(said, list) else said for url, said in answers.items()}
        self.asked: list[str] = []

    async def ask(self, question: dict[str, Any], *, timeout_s: float) -> dict[str, Any] | Failed:
        assert timeout_s > 0
        await asyncio.sleep(0)
        url = question["http_request"]
        self.asked.append(url)
        said = self.answers.get(url)
        answer = said.pop(0) if isinstance(said, list) else said
        return answer or Failed(Failure.TIMEOUT, Operation.TOP_LEVEL)


def seen_outside(ip: str = IP, failure: str | None = None, **headers: str) -> dict[str, Any]:
    """The control's answer: all well at an address, unless the page failed."""
    at = {f"{ip}:443": {"status": True, "failure": None}}
    status = 0 if failure else 200
    return {
        "dns": {"failure": None, "addrs": [ip]},
        "tcp_connect": at,
        "tls_handshake": at,
        "http_request": {
            "body_length": 300,
            "failure": failure,
            "headers": headers,
            "status_code": status,
            "title": "",
        },
    }


def measured(
    site: ScriptedNetwork, outside: Mapping[str, Any] | None = None, url: str = URL
) -> dict[str, Any]:
    """What the method writes; nothing that it opened is open at the end."""
    kit = kit_over(site, trust=trusting(site.clock), control=Outside(outside or {}))
    keys = METHOD.measured(kit, url)
    assert site.left_open == []
    return keys


def verdict(site: ScriptedNetwork, outside: Mapping[str, Any] | None = None, url: str = URL) -> Verdict:
    """What a stream is judged to be."""
    (found,) = METHOD.judged(measured(site, outside, url), url).values()
    return found
