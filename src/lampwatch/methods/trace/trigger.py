"""What is sent to set a censor off: a ClientHello, a request or a question, with the target's name or another."""

from random import Random
from typing import Any, Final

import msgspec

from lampwatch.formats.names import ascii_host, endpoint, is_address
from lampwatch.model.errors import UserError
from lampwatch.probe import http1
from lampwatch.probe.decoy import scrambled
from lampwatch.probe.dns.message import Question, question
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.kit import HTTP_ALPN
from lampwatch.probe.step import Send, Step
from lampwatch.probe.tls import Session
from lampwatch.probe.url import read_url

TLS: Final = "tls"
HTTP: Final = "http"
DNS: Final = "dns"
_DNS_PORT: Final = 53


class Trigger(msgspec.Struct, frozen=True):
    """What is traced: to which host and port, and the target's name and the control's.

    host is an address for DNS, and a name to look up for the others. path is asked for over HTTP; number is the id of
    a DNS question.
    """

    protocol: str
    host: str
    port: int
    name: str
    control: str
    path: str = "/"
    number: int = 0

    def bytes_for(self, name: str) -> bytes:
        """What is sent for one of the names."""
        if self.protocol == TLS:
            return _first(Session(name, HTTP_ALPN).handshake())
        if self.protocol == HTTP:
            return _first(http1.exchange(Request(scheme="http", host=name, path=self.path)))
        asked = self.question(name)
        return b"" if isinstance(asked, Failed) else asked.wire

    def question(self, name: str) -> Question | Failed:
        """The question for one of the names, over DNS."""
        return question(name, "A", number=self.number)


def trigger_of(target: str, random: Random) -> Trigger:
    """Read an input. Raises UserError where it is none of the three kinds, or names no name."""
    found = _question(target, random) if target.startswith("dns://") else _request(target, random)
    if found is None:
        raise UserError(
            f"{target!r} names nothing that can be traced; write it as https://example.org/, http://example.org/ or "
            "dns://8.8.8.8/example.org"
        )
    return found


def _request(target: str, random: Random) -> Trigger | None:
    url = read_url(target)
    if url is None or is_address(url.hostname):
        return None
    protocol = TLS if url.scheme == "https" else HTTP
    return Trigger(protocol, url.hostname, url.port, url.hostname, scrambled(url.hostname, random), url.path)


def _question(target: str, random: Random) -> Trigger | None:
    """`dns://RESOLVER/NAME`, as RFC 4501 writes it."""
    resolver, _, rest = target.removeprefix("dns://").partition("/")
    ip, port = (resolver, _DNS_PORT) if is_address(resolver) else endpoint(resolver)
    name = ascii_host(rest.partition("?")[0])
    if not name:
        return None
    found = Trigger(DNS, ip, port, name, scrambled(name, random), number=random.getrandbits(16))
    return found if is_address(ip) and port and not isinstance(found.question(name), Failed) else None


def _first(step: Step[Any]) -> bytes:
    """The bytes that a step sends first."""
    command = next(step)
    return command.sent if isinstance(command, Send) else b""
