"""A QUIC connection over datagrams: the only place that waits, for packets or for QUIC's own timers."""

from collections import deque
from collections.abc import Callable

from aioquic.quic.connection import QuicConnection
from aioquic.quic.events import ConnectionTerminated, QuicEvent

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.clock import Clock
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.network import Datagrams
from lampwatch.probe.quic.session import ended_by, is_version_list
from lampwatch.probe.record import Mark, Record, Traffic


class QuicLink:
    """An open QUIC connection, with what was agreed. One task at a time may wait on it."""

    def __init__(
        self, quic: QuicConnection, under: Datagrams, clock: Clock, record: Record, mark: Mark
    ) -> None:
        """Begin a connection over datagrams, and note every packet."""
        self.quic = quic
        self.mark = mark
        self.address = under.address
        self.protocol = ""
        """What ALPN agreed on."""
        self.refused: Failure | None = None
        """Why the certificates are not believed; set only where they were not to be verified."""
        self.bytes_received = 0
        self._under = under
        self._clock = clock
        self._record = record
        self._traffic = Traffic(record, under.address, "udp", mark)
        self._events: deque[QuicEvent] = deque()
        self._versions_heard = False
        self._now = clock.monotonic()
        quic.connect(under.address, now=self._now)

    async def until(
        self, ended: Callable[[QuicEvent], bool], operation: Operation, timeout_s: float
    ) -> Failed | None:
        """Send what is to be sent and hear what comes, event by event, until one of them ends it.

        Events after that one are kept for the next call. Returns what else ended it: the connection's end, an error
        of the network, or TIMEOUT; never an exception for whatever the other end sends.
        """
        deadline = self._time() + timeout_s
        while True:
            while self._events:
                event = self._events.popleft()
                if ended(event):
                    # What is left to be said (acknowledgements) can fail no more: it had ended before.
                    await self._flush(operation)
                    return None
                if isinstance(event, ConnectionTerminated):
                    return ended_by(event, operation, versions_heard=self._versions_heard)
            failed = await self._flush(operation) or await self._wait(deadline, operation)
            if failed is not None:
                return failed

    async def end(self) -> None:
        """Take leave of the other end, so that it need not wait for us, and give the socket up."""
        try:
            self.quic.close()
            await self._flush(Operation.WRITE)
        finally:
            self.close()

    def close(self) -> None:
        """Give the socket up at once. May be called again."""
        self._traffic.end()
        self._under.close()

    def _time(self) -> float:
        self._now = max(self._now, self._clock.monotonic())
        return self._now

    async def _flush(self, operation: Operation) -> Failed | None:
        for datagram, address in self.quic.datagrams_to_send(now=self._time()):
            if address != self.address:
                continue  # a server may offer another address to go on at: it is not the one we measure
            t0 = self._record.now()
            failed = await self._under.send(datagram)
            self._traffic.note("write_to", t0, len(datagram), failed.text if failed else None)
            if failed is not None:
                return failed.during(operation)
        return None

    async def _wait(self, deadline: float, operation: Operation) -> Failed | None:
        """Hear one packet, or let a timer go off."""
        t0 = self._record.now()
        timer = self.quic.get_timer()
        until = deadline if timer is None else min(timer, deadline)
        left_s = until - self._time()
        heard: bytes | Failed = Failed(Failure.TIMEOUT, Operation.READ)
        if left_s > 0:
            heard = await self._under.receive(timeout_s=left_s)
        if isinstance(heard, bytes):
            self._traffic.note("read_from", t0, len(heard), None)
            self.bytes_received += len(heard)
            self._versions_heard = self._versions_heard or is_version_list(heard)
            failed = self._heard(heard, operation)
            return failed or (Failed(Failure.TIMEOUT, operation) if self._time() >= deadline else None)
        if heard.failure is not Failure.TIMEOUT or until >= deadline:
            self._traffic.note("read_from", t0, 0, heard.text)
            return heard.during(operation)
        # The timer is due, whatever a clock that is coarse or stands still may say.
        self._now = max(self._now, until)
        self.quic.handle_timer(now=self._now)
        self._take_events()
        return None

    def _heard(self, datagram: bytes, operation: Operation) -> Failed | None:
        try:
            self.quic.receive_datagram(datagram, self.address, now=self._time())
        except Exception as error:  # noqa: BLE001  whatever hostile bytes make aioquic raise is the network's failure
            return unknown(f"no QUIC: {type(error).__name__}", operation, Failure.CONNECTION_ABORTED)
        self._take_events()
        return None

    def _take_events(self) -> None:
        while (event := self.quic.next_event()) is not None:
            self._events.append(event)
