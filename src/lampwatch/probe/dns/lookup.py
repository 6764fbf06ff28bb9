"""One name asked of one resolver, however it is spoken to."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns.carried import ask_carried
from lampwatch.probe.dns.datagrams import ask_by_udp
from lampwatch.probe.dns.message import Question, Reply, question
from lampwatch.probe.dns.noted import address_entry, query_entry
from lampwatch.probe.dns.place import Place, place_of
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Kit
from lampwatch.probe.record import Mark
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver

BOTH: Final = ("A", "AAAA")
_ENCRYPTED: Final = frozenset({Engine.DOT, Engine.DOH, Engine.DOQ})


class Lookup(msgspec.Struct, frozen=True):
    """What a resolver gave for a name: addresses in its order without repeats, and the names that stood for it.

    failed is set where there is no address: how the first of the questions ended.
    """

    addresses: tuple[str, ...] = ()
    failed: Failed | None = None
    cnames: tuple[str, ...] = ()


async def lookup(
    kit: Kit, resolver: Resolver, hostname: str, mark: Mark, query_types: Sequence[str] = BOTH
) -> Lookup:
    """Ask a resolver for the addresses of a name; an address is its own answer and nothing is asked.

    Each question becomes an entry of kit.record.queries, the system's both together one of type ANY. Connections and
    handshakes that carry a question are recorded under the same mark: by its transaction id a method tells them from
    those of its target. Late answers over UDP are waited for, and kept in kit.record.duplicate_answers.
    Raises UserError where the resolver's address is not one.
    """
    if is_address(hostname):
        return Lookup((hostname,))
    kit.record.event("resolve_start", mark)
    if resolver.engine is Engine.SYSTEM:
        found = await _ask_system(kit, hostname, mark, query_types)
    else:
        found = await _ask(kit, resolver, hostname, mark, query_types)
    kit.record.event("resolve_done", mark, failure=failure_text(found.failed))
    return found


async def _ask_system(kit: Kit, hostname: str, mark: Mark, query_types: Sequence[str]) -> Lookup:
    """The C library asks for both families at once; where one is wanted the other is left out of the answer."""
    t0 = kit.record.now()
    found = await kit.network.resolve(hostname, timeout_s=kit.timeouts.lookup_s)
    failed = found if isinstance(found, Failed) else None
    given = [] if isinstance(found, Failed) else found
    addresses = tuple(dict.fromkeys(ip for ip in given if ("AAAA" if ":" in ip else "A") in query_types))
    if not addresses:
        failed = failed or Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)
    asked = query_types[0] if len(query_types) == 1 else "ANY"
    entry = query_entry(Engine.SYSTEM, hostname, asked, "", failed)
    entry["answers"] = [address_entry(ip) for ip in addresses]
    kit.record.queries.append({**entry, **kit.record.times(t0, mark)})
    return Lookup(addresses, failed)


async def _ask(kit: Kit, resolver: Resolver, hostname: str, mark: Mark, query_types: Sequence[str]) -> Lookup:
    place = place_of(resolver)
    if not place.ip:
        own = await lookup(kit, SYSTEM, place.host, mark)
        if not own.addresses:
            # The question was never sent, so there is no entry for it: the resolver's own name is what failed.
            return Lookup(failed=own.failed)
        place = msgspec.structs.replace(place, ip=own.addresses[0])
    async with asyncio.TaskGroup() as asking:
        tasks = [
            asking.create_task(_asked_once(kit, resolver.engine, place, (hostname, kind), mark))
            for kind in query_types
        ]
    return _together([task.result() for task in tasks])


def _together(outcomes: list[Reply | Failed]) -> Lookup:
    """The addresses of all replies; where there are none, the first question's failure."""
    replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    addresses = tuple(dict.fromkeys(ip for reply in replies for ip in reply.addresses))
    cnames = tuple(dict.fromkeys(name for reply in replies for name in reply.cnames))
    if addresses:
        return Lookup(addresses, None, cnames)
    failures = [outcome if isinstance(outcome, Failed) else outcome.failed for outcome in outcomes]
    nothing = Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)
    return Lookup((), next((failed for failed in failures if failed), nothing), cnames)


async def _asked_once(
    kit: Kit, engine: Engine, place: Place, wanted: tuple[str, str], mark: Mark
) -> Reply | Failed:
    """One question and its entry."""
    hostname, kind = wanted
    # Where a connection tells questions apart the number is zero (RFC 8484, 9250), else it is hard to guess.
    number = 0 if engine in {Engine.DOH, Engine.DOQ} else kit.random.getrandbits(16)
    asked = question(hostname, kind, number=number, padded=engine in _ENCRYPTED)
    if isinstance(asked, Question) and engine is Engine.UDP:
        outcome = await ask_by_udp(kit, asked, place.ip, place.port, mark)
        if isinstance(outcome, Reply) and outcome.truncated and not outcome.addresses:
            # It said so itself: the answer is too long for a datagram, and is to be had over TCP.
            return await _asked_once(kit, Engine.TCP, place, wanted, mark)
        return outcome
    t0 = kit.record.now()
    if isinstance(asked, Failed):
        outcome = asked
    else:
        outcome = await ask_carried(kit, engine, asked, place, mark)
    spoken = "doh3" if place.url is not None and place.url.by_http3 else engine
    entry = query_entry(spoken, hostname, kind, place.written, outcome)
    kit.record.queries.append({**entry, **kit.record.times(t0, mark)})
    return outcome
