"""TLS over any stream, by memory buffers: every record is seen, and every certificate kept as it came."""

import _ssl
import ssl
from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.clock import Clock
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.network import Stream
from lampwatch.probe.step import Receive, Send, Step, perform

_READ: Final = 65_536


class Handshaken(msgspec.Struct, frozen=True):
    """A handshake that was completed. chain is in DER, the server's own certificate first."""

    version: str
    cipher: str
    protocol: str
    """What was agreed by ALPN; empty where nothing was."""
    chain: tuple[bytes, ...]


class Session:
    """One TLS client between two buffers. Whether the certificates are believed is asked elsewhere (`trust`)."""

    def __init__(
        self, server_name: str, alpn: Sequence[str] = (), *, at_most: ssl.TLSVersion | None = None
    ) -> None:
        """server_name is sent in the ClientHello, empty for none; at_most forbids newer versions of TLS."""
        self._arrived = ssl.MemoryBIO()
        self._leaving = ssl.MemoryBIO()
        self._tls = _context(tuple(alpn), at_most).wrap_bio(
            self._arrived, self._leaving, server_hostname=server_name or None
        )

    def handshake(self) -> Step[Handshaken | Failed]:
        """Shake hands: sends a ClientHello, and returns what was agreed, or why not."""
        while True:
            ended: Handshaken | Failed | None = None
            try:
                self._tls.do_handshake()
                ended = self._agreed()
            except ssl.SSLWantReadError:
                ended = None
            except ssl.SSLError as error:
                ended = unknown(
                    error.reason or str(error), Operation.TLS_HANDSHAKE, Failure.TLS_FAILED_HANDSHAKE
                )
            if self._leaving.pending:
                sent = yield Send(self._leaving.read())
                if isinstance(sent, Failed) and not isinstance(ended, Failed):
                    return sent.during(Operation.TLS_HANDSHAKE)
            if ended is not None:
                return ended
            heard = yield Receive()
            if isinstance(heard, Failed):
                return heard.during(Operation.TLS_HANDSHAKE)
            if not heard:
                return Failed(Failure.EOF, Operation.TLS_HANDSHAKE)
            self._arrived.write(heard)

    def _agreed(self) -> Handshaken:
        cipher = self._tls.cipher()
        return Handshaken(
            # As Go and OONI write it: TLSv1.3, but TLSv1 for the first.
            version=self._tls.version() or "",
            cipher=cipher[0] if cipher else "",
            protocol=self._tls.selected_alpn_protocol() or "",
            chain=_chain(self._tls),
        )

    def sealed(self, sent: bytes) -> bytes:
        """What must be sent for these bytes to arrive."""
        self._tls.write(sent)
        return self._leaving.read()

    def opened(self) -> Step[bytes | Failed]:
        """The next bytes that the other end wrote; empty where it is done."""
        while True:
            try:
                read = self._tls.read(_READ)
            except ssl.SSLWantReadError:
                read = None
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLError as error:
                return unknown(error.reason or str(error), Operation.READ, Failure.CONNECTION_ABORTED)
            if self._leaving.pending:
                yield Send(self._leaving.read())
            if read is not None:
                return read
            heard = yield Receive()
            if isinstance(heard, Failed):
                return heard
            if not heard:
                return b""
            self._arrived.write(heard)


class TlsStream:
    """What was written inside TLS, as a stream."""

    def __init__(self, session: Session, under: Stream, clock: Clock) -> None:
        """Open and seal over a stream on which this session has shaken hands."""
        self._session = session
        self._under = under
        self._clock = clock
        self.address = under.address

    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:
        """Send all of it."""
        try:
            sealed = self._session.sealed(sent)
        except ssl.SSLError as error:
            return unknown(error.reason or str(error), Operation.WRITE, Failure.CONNECTION_ABORTED)
        return await self._under.send(sealed, timeout_s=timeout_s)

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        """What comes next."""
        return await perform(self._session.opened(), self._under, clock=self._clock, timeout_s=timeout_s)

    def close(self) -> None:
        """Give it up at once."""
        self._under.close()


_contexts: Final[dict[tuple[tuple[str, ...], ssl.TLSVersion | None], ssl.SSLContext]] = {}


def _context(alpn: tuple[str, ...], at_most: ssl.TLSVersion | None) -> ssl.SSLContext:
    context = _contexts.get((alpn, at_most))
    if context is None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # Seen first, judged afterwards by `trust`: nothing is sent inside TLS before that.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if at_most is not None:
            context.maximum_version = at_most
        _contexts[alpn, at_most] = context
    return context


def _chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates as received. Public from Python 3.13 on; before, only OpenSSL's own object tells."""
    public = getattr(tls, "get_unverified_chain", None)
    if public is not None:
        return tuple(public() or ())
    found = tls._sslobj.get_unverified_chain()  # type: ignore[attr-defined]  # noqa: SLF001  see above: no other way
    return tuple(certificate.public_bytes(_ssl.ENCODING_DER) for certificate in found or ())


_RECORD_TYPES: Final = {20: "change_cipher_spec", 21: "alert", 22: "handshake", 23: "application_data"}
_HEADER: Final = 5


class RecordHeaders:
    """Tells which TLS records begin in each piece of a stream, without opening them."""

    def __init__(self) -> None:
        self._left = 0
        self._header = b""

    def begun_in(self, piece: bytes) -> list[dict[str, object]]:
        """The records whose header ends in this piece: their type and length."""
        begun: list[dict[str, object]] = []
        at = 0
        while at < len(piece):
            if self._left:
                step = min(self._left, len(piece) - at)
                self._left -= step
                at += step
                continue
            wanted = _HEADER - len(self._header)
            self._header += piece[at : at + wanted]
            at += wanted
            if len(self._header) == _HEADER:
                kind, self._left = self._header[0], int.from_bytes(self._header[3:], "big")
                begun.append({"type": _RECORD_TYPES.get(kind, str(kind)), "length": self._left})
                self._header = b""
        return begun
