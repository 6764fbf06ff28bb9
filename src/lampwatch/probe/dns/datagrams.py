"""DNS over UDP: the first fitting answer, and the late ones that show that somebody raced it."""

from typing import Final

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns.message import Question, Reply, reply_to
from lampwatch.probe.dns.noted import note_stray, query_entry
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import Datagrams, joined
from lampwatch.probe.record import Mark, Traffic

_MOST_PACKETS: Final = 32
"""Packets read of one query, fitting or not: whoever sends more is flooding."""


async def ask_by_udp(kit: Kit, asked: Question, ip: str, port: int, mark: Mark) -> Reply | Failed:
    """Ask once, and write down the query, strays and late answers.

    Returns only after the time for late answers is over: what the lookup saw is then complete, and its socket closed.
    """
    asking = _Asking(kit, asked, joined(ip, port), mark)
    found = await kit.network.datagrams(ip, port)
    if isinstance(found, Failed):
        return asking.first(found)
    try:
        t0 = kit.record.now()
        failed = await found.send(asked.wire)
        asking.traffic.note("write", t0, len(asked.wire), failure_text(failed))
        if failed is not None:
            return asking.first(failed)
        outcome = asking.first(await asking.answer(found, kit.timeouts.lookup_s))
        if isinstance(outcome, Reply):
            await asking.late(found, kit.timeouts.late_answer_s)
        return outcome
    finally:
        asking.traffic.end()
        found.close()


class _Asking:
    """One question over one socket, and what has come of it."""

    def __init__(self, kit: Kit, asked: Question, address: str, mark: Mark) -> None:
        self._kit = kit
        self._asked = asked
        self._address = address
        self._mark = mark
        self._t0 = kit.record.now()
        self._packets = 0
        self._stray: Failed | None = None
        # That no second answer came is as it should be, and no event.
        self._answered = False
        self.traffic = Traffic(kit.record, address, "udp", mark)

    def first(self, outcome: Reply | Failed) -> Reply | Failed:
        """Write the query down, with what came first."""
        told = outcome.during(Operation.RESOLVE) if isinstance(outcome, Failed) else outcome
        self._kit.record.queries.append(self._entry(told))
        return told

    async def answer(self, socket: Datagrams, wait_s: float) -> Reply | Failed:
        """The first packet that answers the question, or why there was none."""
        deadline = self._kit.clock.monotonic() + wait_s
        while self._packets < _MOST_PACKETS and (left := deadline - self._kit.clock.monotonic()) > 0:
            self._packets += 1
            t0 = self._kit.record.now()
            raw = await socket.receive(timeout_s=left)
            if isinstance(raw, Failed):
                if raw.failure is not Failure.TIMEOUT or not self._answered:
                    self.traffic.note("read", t0, 0, raw.text)
                if raw.failure is Failure.TIMEOUT:
                    # Nothing fitting came: then what did come tells more than the silence after it.
                    return self._stray or raw
                # A report of an error may be forged or astray, and the answer still on its way.
                self._stray = self._stray or raw
                continue
            self.traffic.note("read", t0, len(raw), None)
            reply = reply_to(self._asked, raw)
            if isinstance(reply, Reply):
                self._answered = True
                return reply
            self._stray = self._stray or reply
            note_stray(self._kit.record, self._mark, self._address, "udp", raw, reply)
        return self._stray or Failed(Failure.TIMEOUT, Operation.RESOLVE)

    async def late(self, socket: Datagrams, wait_s: float) -> None:
        """Write down every further answer that comes in time."""
        deadline = self._kit.clock.monotonic() + wait_s
        while (left := deadline - self._kit.clock.monotonic()) > 0:
            outcome = await self.answer(socket, left)
            if isinstance(outcome, Failed):
                return
            self._kit.record.duplicate_answers.append(self._entry(outcome))

    def _entry(self, outcome: Reply | Failed) -> dict[str, object]:
        asked = self._asked
        entry = query_entry("udp", asked.hostname, asked.query_type, self._address, outcome)
        return {**entry, **self._kit.record.times(self._t0, self._mark)}
