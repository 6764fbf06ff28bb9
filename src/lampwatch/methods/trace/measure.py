"""Tracing: the same trigger with the target's name and with another, over more and more hops, in turn. Facts only."""

from typing import Any, Final

import msgspec

from lampwatch.methods.trace.trials import ANSWER, Heard, send_packet, send_stream
from lampwatch.methods.trace.trigger import DNS, Trigger, trigger_of
from lampwatch.model.failure import Failure
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit
from lampwatch.probe.visit import addresses_of, connected

TEST_NAME: Final = "trace"
TEST_VERSION: Final = "0.1.0"

MOST_HOPS: Final = 24
REPEATS: Final = 2
PAUSES_S: Final = (30.0, 60.0, 120.0)
"""How long is waited for a residual block to end, before the other name is tried again; all of them once a trace."""
TARGET: Final = "target"
CONTROL: Final = "control"
_DISTURBED: Final = frozenset({Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED, Failure.EOF})


class _Trace(msgspec.Struct):
    """A trace under way: what is sent to whom, what came of it so far, and the pauses that are left."""

    trigger: Trigger
    ip: str
    tries: list[dict[str, Any]] = msgspec.field(default_factory=list)
    pauses_s: list[float] = msgspec.field(default_factory=lambda: list(PAUSES_S))


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Trace an https URL (by ClientHello), an http URL (by request) or dns://RESOLVER/NAME (by question).

    First both names without a limit of hops; then, where the other name was answered, hop by hop until it is answered
    again. Returns the events of all connections and `tries`, as README.md tells. Raises UserError where target is none
    of the three.
    """
    trigger = trigger_of(target, kit.random)
    trace = _Trace(trigger, await _address(kit, trigger))
    if trace.ip and await _round(kit, trace, None):
        for ttl in range(1, MOST_HOPS + 1):
            if await _round(kit, trace, ttl):
                break
    return {
        **kit.record.test_keys(),
        "protocol": trigger.protocol,
        "target_name": trigger.name,
        "control_name": trigger.control,
        "address": trace.ip,
        "port": trigger.port,
        "tries": trace.tries,
    }


async def _address(kit: Kit, trigger: Trigger) -> str:
    """The address that is traced to: of a host the first that can be connected to, empty where none can."""
    if trigger.protocol == DNS:
        return trigger.host
    found = await connected(kit, await addresses_of(kit, trigger.host), trigger.port, "reach")
    if isinstance(found, Failed):
        return ""
    found.close()
    return found.stream.address.rpartition(":")[0].strip("[]")


async def _round(kit: Kit, trace: _Trace, ttl: int | None) -> bool:
    """Try both names REPEATS times, each time in random order; whether the other name was answered every time."""
    answers = 0
    for _ in range(REPEATS):
        sides = [TARGET, CONTROL]
        kit.random.shuffle(sides)
        for side in sides:
            tried = await _try(kit, trace, side, ttl)
            while side == CONTROL and trace.pauses_s and _is_disturbed(tried):
                # A censor may hold the whole address for a while after a trigger: that is not about this name.
                await kit.clock.sleep(trace.pauses_s.pop(0))
                tried = await _try(kit, trace, side, ttl)
            answers += side == CONTROL and any(heard["what"] == ANSWER for heard in tried["heard"])
    return answers == REPEATS


async def _try(kit: Kit, trace: _Trace, side: str, ttl: int | None) -> dict[str, Any]:
    trigger = trace.trigger
    name = trigger.name if side == TARGET else trigger.control
    mark, t0 = kit.record.mark(side), kit.record.now()
    outcome: Heard | Failed
    if trigger.protocol == DNS:
        outcome = await send_packet(kit, trace.ip, trigger, name, ttl)
    else:
        opened = await kit.connect(trace.ip, trigger.port, mark, ttl=ttl)
        sent = trigger.bytes_for(name)
        outcome = opened if isinstance(opened, Failed) else await send_stream(kit, opened, sent)
    tried = {
        "side": side,
        "name": name,
        "ttl": ttl or 0,
        "failure": outcome.text if isinstance(outcome, Failed) else None,
        "heard": [] if isinstance(outcome, Failed) else outcome,
        "paused_s": sum(PAUSES_S) - sum(trace.pauses_s),
        **kit.record.times(t0, mark),
    }
    trace.tries.append(tried)
    return tried


def _is_disturbed(tried: dict[str, Any]) -> bool:
    return tried["failure"] is not None or any(heard["what"] in _DISTURBED for heard in tried["heard"])
