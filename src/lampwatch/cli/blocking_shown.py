"""A blocking incident for people, in lines: networks, how it is done, what it rests on, what speaks against it."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final

from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.event import Event

_MOST_TARGETS: Final = 6
_MOST_BLOCKS: Final = 40

NameOf = Callable[[int], str]
"""What people call a network; empty where nobody knows."""


def networks(incident: BlockingIncident, name_of: NameOf) -> Iterator[str]:
    """A line for each network and target that blocks, then those networks on which nothing is blocked."""
    for block in incident.blocks[:_MOST_BLOCKS]:
        yield f"  {network(block.asn, name_of)}  {_since(block)}"
        yield f"      {block.target} by {block.method}: {_how(block)}; {_share(block)}"
        yield f"      witness: lampwatch explain {block.witness}"
    if len(incident.blocks) > _MOST_BLOCKS:
        yield f"  and {len(incident.blocks) - _MOST_BLOCKS} more"
    free = [asn for asn in incident.measured if asn not in incident.networks]
    here = [asn for asn in free if asn not in incident.beyond]
    beyond = [asn for asn in free if asn in incident.beyond]
    for open_ones, where in ((here, ""), (beyond, ", which may serve other regions")):
        if open_ones:
            yield f"  not blocked on {', '.join(network(asn, name_of) for asn in open_ones)}{where}"


def summary(incident: BlockingIncident) -> Iterator[str]:
    """What stands above the networks: targets, level and how it was reached, onset."""
    targets = ", ".join(incident.targets[:_MOST_TARGETS])
    more = len(incident.targets) - _MOST_TARGETS
    yield f"  targets      {targets}" + (f" and {more} more" if more > 0 else "")
    reached = ", ".join(f"{step.level.name.lower()} {clock(step.at)}" for step in incident.steps)
    yield f"  level        {int(incident.level)} {incident.level.name.lower()} ({reached})"
    yield f"  probability  {incident.probability:.0%} that anything changed in the world"
    yield f"  onset        {_between(incident.onset)}, known {clock(incident.onset.known)}"
    if incident.share is not None:
        yield f"  users        networks with {incident.share:.0%} of the users of those tested block"
    for reason in incident.against:
        yield f"  against      {reason.text}"
    if incident.confirmable:
        yield "  confirmable  the interference itself was seen on two networks: a person's sign-off would confirm it"


def network(asn: int, name_of: NameOf) -> str:
    """`AS9198 Kazakhtelecom`, or the number alone."""
    return f"AS{asn} {name_of(asn)}".strip() if asn else "an unknown network"


def clock(at: int) -> str:
    """A time for people, UTC."""
    return dt.datetime.fromtimestamp(at, tz=dt.UTC).strftime("%Y-%m-%d %H:%M UTC")


def _since(block: Block) -> str:
    began = (
        f"since {clock(block.onset.high)} at least" if block.begun_before else f"from {_between(block.onset)}"
    )
    if block.end is None:
        return f"{began}, last seen {clock(block.until)}"
    return f"{began} until {_between(block.end)}"


def _between(event: Event) -> str:
    low, high = clock(event.low), clock(event.high)
    if low == high:
        return low
    same = low[:10] == high[:10]
    return f"between {low[:16]} and {high[11:] if same else high}"


def _how(block: Block) -> str:
    return ", then ".join(means.mechanism for means in block.means) or "it fails, in no way that is known"


def _share(block: Block) -> str:
    before = "nobody measured before" if block.rate_before is None else f"{block.rate_before:.0%} before"
    sessions = f"{block.blocked_voters} sessions" + (
        f", {block.contrary_voters} say otherwise" if block.contrary_voters else ""
    )
    return f"{block.rate:.0%} fail ({before}), {block.blocked} measurements of {sessions}"
