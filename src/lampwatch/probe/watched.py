"""A stream whose reads and writes are noted, with the TLS records of its handshake."""

from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.network import Stream
from lampwatch.probe.record import Mark, Record, Traffic
from lampwatch.probe.tls import RecordHeaders


class Watched:
    """A stream whose reads and writes are noted."""

    def __init__(self, under: Stream, record: Record, mark: Mark) -> None:
        """Note what goes over a stream."""
        self._under = under
        self._record = record
        self._traffic = Traffic(record, under.address, "tcp", mark)
        self._headers: tuple[RecordHeaders, RecordHeaders] | None = None
        self.address = under.address

    async def send(self, sent: bytes, *, timeout_s: float) -> Failed | None:
        """Send all of it."""
        t0 = self._record.now()
        failed = await self._under.send(sent, timeout_s=timeout_s)
        records = self._headers[0].begun_in(sent) if self._headers else []
        self._traffic.note("write", t0, len(sent), failure_text(failed), records)
        return failed

    async def receive(self, *, timeout_s: float) -> bytes | Failed:
        """What comes next."""
        t0 = self._record.now()
        heard = await self._under.receive(timeout_s=timeout_s)
        size = 0 if isinstance(heard, Failed) else len(heard)
        failure = heard.text if isinstance(heard, Failed) else "eof_error" if not heard else None
        records = self._headers[1].begun_in(heard) if self._headers and not isinstance(heard, Failed) else []
        self._traffic.note("read", t0, size, failure, records)
        return heard

    def tls_begins(self) -> None:
        """Note the TLS records too, from here on."""
        self._headers = (RecordHeaders(), RecordHeaders())

    def tls_stands(self) -> None:
        """Note no more records: what follows is application data."""
        self._headers = None

    def close(self) -> None:
        """Give it up at once."""
        self._traffic.end()
        self._under.close()
