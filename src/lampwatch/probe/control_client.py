"""Asks control services over HTTP, one after the other, until one answers (OONI's test-helper protocol)."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import msgspec

from lampwatch.formats.names import url_parts
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.control import YOUR_ADDRESS
from lampwatch.probe.failed import Failed, failed_by, unknown
from lampwatch.probe.own_addresses import OwnAddresses
from lampwatch.probe.trust import UNTRUSTED, believing

MOST_ANSWER: Final = 1024 * 1024
"""Bytes: no honest answer is larger, each of its parts being bounded."""
AT_ONCE: Final = 6
"""Questions on their way at once: a control takes no more than a few of one client."""
_OK: Final = 200
_COME_AGAIN: Final = frozenset({429, 503})
_PATIENCE_S: Final = (0.5, 1.0, 2.0, 4.0)
"""How long to wait after each time that a control was busy."""
_BUSY: Final = "the control was busy every time"


class ControlClient:
    """A `Control`: asks each of its services in turn. Close it after use, or use it as an async context manager.

    failures holds, for the last question, what went wrong with each service that was asked before one answered.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        ca_file: Path | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        own: OwnAddresses | None = None,
    ) -> None:
        """Each address is a URL, http or https; ca_file a PEM file of authorities in place of Mozilla's.

        transport replaces the network, sleep the waiting for a busy one. Raises UserError where an address is no URL
        or the file cannot be read.
        own learns the address that a control sees us as, where it tells.
        """
        for address in addresses:
            if url_parts(address).scheme not in {"http", "https"} or not url_parts(address).host:
                raise UserError(f"{address!r} is no control; write it as https://control.example.org/")
        if not addresses:
            raise UserError("no control is named; write its address as https://control.example.org/")
        self._addresses = tuple(addresses)
        self._answered = addresses[0]
        # Nothing is taken from the environment: a proxy there would see what is measured, and by whom.
        self._client = httpx.AsyncClient(
            verify=believing(ca_file), transport=transport, trust_env=False, follow_redirects=False
        )
        self._room = asyncio.Semaphore(AT_ONCE)
        self._sleep = sleep
        self._own = own if own is not None else OwnAddresses()
        self.failures: list[tuple[str, Failed]] = []

    @property
    def address(self) -> str:
        """The service that answered last; the first one where none did."""
        return self._answered

    async def ask(self, question: dict[str, Any], *, timeout_s: float) -> dict[str, Any] | Failed:
        """The first answer; where there is none, the last service's failure. Each service has timeout_s.

        question must be what JSON can hold. A redirect is not followed: it leads to where nobody agreed to ask.
        """
        failures: list[tuple[str, Failed]] = []
        self.failures = failures
        sent = msgspec.json.encode(question)
        outcome: dict[str, Any] | Failed = Failed(Failure.INTERRUPTED, Operation.TOP_LEVEL)
        for address in self._addresses:
            async with self._room:
                outcome = await self._asked(address, sent, timeout_s)
            if not isinstance(outcome, Failed):
                self._answered = address
                return outcome
            failures.append((address, outcome))
        return outcome

    async def _asked(self, address: str, sent: bytes, timeout_s: float) -> dict[str, Any] | Failed:
        try:
            async with asyncio.timeout(timeout_s):
                for again_s in _PATIENCE_S:
                    outcome = await self._exchange(address, sent, timeout_s)
                    if outcome is not None:
                        return outcome
                    await self._sleep(again_s)
                return unknown(_BUSY, Operation.TOP_LEVEL, Failure.HTTP_REQUEST_FAILED)
        except TimeoutError:
            return Failed(Failure.TIMEOUT, Operation.TOP_LEVEL)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return _named(error)

    async def _exchange(self, address: str, sent: bytes, timeout_s: float) -> dict[str, Any] | Failed | None:
        """One question; None where the control is busy and asks to come again."""
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        async with self._client.stream(
            "POST", address, content=sent, headers=headers, timeout=timeout_s
        ) as response:
            if response.status_code in _COME_AGAIN:
                return None
            if response.status_code != _OK:
                detail = f"the control answered with status {response.status_code}"
                return unknown(detail, Operation.TOP_LEVEL, Failure.HTTP_REQUEST_FAILED)
            self._own.add(response.headers.get(YOUR_ADDRESS, ""))
            body = bytearray()
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MOST_ANSWER:
                    detail = f"the control's answer is larger than {MOST_ANSWER} bytes"
                    return unknown(detail, Operation.TOP_LEVEL, Failure.HTTP_REQUEST_FAILED)
        return _read(bytes(body))

    async def close(self) -> None:
        """Give up the connections to the services."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Endpoint(msgspec.Struct):
    """One endpoint of an answer, as far as its shape is checked."""

    status: bool | None = None
    failure: str | None = None
    server_name: str | None = None


class _Page(msgspec.Struct):
    """The page of an answer, as far as its shape is checked."""

    status_code: int | None = None
    failure: str | None = None
    body_length: int | None = None
    title: str | None = None
    headers: dict[str, str | None] | None = None


class _Names(msgspec.Struct):
    """The lookup of an answer, as far as its shape is checked."""

    failure: str | None = None
    addrs: list[str] | None = None


class _Owner(msgspec.Struct):
    """Whose an address is, as far as its shape is checked."""

    asn: int | None = None


class _Answer(msgspec.Struct):
    """An answer, as far as its shape is checked: what is missing here is no answer, what is more is kept."""

    http_request: _Page
    dns: _Names
    tcp_connect: dict[str, _Endpoint | None] | None = None
    tls_handshake: dict[str, _Endpoint | None] | None = None
    quic_handshake: dict[str, _Endpoint | None] | None = None
    ip_info: dict[str, _Owner | None] | None = None


def _read(body: bytes) -> dict[str, Any] | Failed:
    """The answer as it came. One of another shape would make the whole measurement unreadable, so it is none."""
    try:
        msgspec.json.decode(body, type=_Answer)
        answer: dict[str, Any] = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Failed(Failure.JSON_PARSE_ERROR, Operation.TOP_LEVEL)
    return answer


def _named(error: Exception) -> Failed:
    """An error of the exchange by the closed list, found in what caused it."""
    if isinstance(error, httpx.TimeoutException):
        return Failed(Failure.TIMEOUT, Operation.TOP_LEVEL)
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            failure = _BY_VERIFY_CODE.get(cause.verify_code, Failure.TLS_INVALID_CERTIFICATE)
            return Failed(failure, Operation.TOP_LEVEL)
        # An OSError with a number is the system's; without one it may be a wrapper of another below it.
        if isinstance(cause, OSError) and cause.errno is not None:
            return failed_by(cause, Operation.TOP_LEVEL)
        cause = cause.__cause__ or cause.__context__
    failure = Failure.EOF if isinstance(error, httpx.RemoteProtocolError) else Failure.HTTP_REQUEST_FAILED
    return unknown(str(error) or type(error).__name__, Operation.TOP_LEVEL, failure)


_BY_VERIFY_CODE: Final = {
    **dict.fromkeys(UNTRUSTED, Failure.TLS_UNKNOWN_AUTHORITY),
    **dict.fromkeys((62, 64), Failure.TLS_INVALID_HOSTNAME),
}
"""OpenSSL's X509_V_ERR codes for an issuer that is not believed, and for another name or address."""
