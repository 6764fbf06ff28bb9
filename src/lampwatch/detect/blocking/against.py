"""What speaks against a blocking incident: that the target, the network or the way of measuring explains it better."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from lampwatch.detect.blocking.accounts import Accounts
from lampwatch.detect.blocking.measured import DAY_S, Measured
from lampwatch.detect.blocking.strength import known_since
from lampwatch.model.blocking import Block
from lampwatch.model.incident import Reason
from lampwatch.model.vocabulary import Mechanism

EVERYWHERE: Final = "everywhere"
RULES_CHANGED: Final = "rules_changed"
ONE_PROGRAM: Final = "one_program"
SWEEP: Final = "sweep"
BEGUN_BEFORE: Final = "begun_before"
HOLDING: Final = frozenset({EVERYWHERE, RULES_CHANGED, ONE_PROGRAM, SWEEP})
"""Reasons that explain it better than a block does: a sweep holds an incident at the first level, and the others take
from it the blocks that they explain."""
_COUNTRIES: Final = 3
_CHANCE: Final = 0.001
"""What changes within a day in so many other countries, and more than chance makes of it, has changed itself."""
_SOON_S: Final = 2 * DAY_S
"""Others count against a block at least for so long, and then for twice as long as they lasted themselves."""
_CHRONIC_SHARE: Final = 0.2
_WITNESSES: Final = 3
"""Another country counts where so many voters say so, on a network that was known before."""
_DIRECT_NETWORKS: Final = 2
_MOSTLY: Final = 0.8
_ELSEWHERE: Final = 2
_ENOUGH: Final = 3
_RELEASED: Final = 4
"""So many other countries, and more than chance makes of it, make it the rules that were released."""
_FACTOR: Final = 0.1
_MANY: Final = 12.0
_ENOUGH_SURE: Final = 0.9
"""On one network three sessions that found it are right in one of five, a dozen in three of five."""


class Crowd:
    """All blocks of all countries, to see whether one of them is alone."""

    def __init__(self, blocks: Sequence[Block], around: Measured, accounts: Accounts) -> None:
        self._around = around
        self._accounts = accounts
        self._by_target: dict[tuple[str, str], list[Block]] = defaultdict(list)
        self._used: dict[tuple[str, str], list[set[Mechanism]]] = defaultdict(list)
        self._by_rule: dict[str, list[Block]] = defaultdict(list)
        self._released: dict[tuple[str, str], set[str]] = defaultdict(set)
        for block in blocks:
            if block.blocked_voters < _WITNESSES or known_since(block, around) is None:
                continue
            if self.programs_alone(block):
                continue
            self._by_target[block.target, block.method].append(block)
            self._used[block.target, block.method].append(_mechanisms(block))
            for rule in accounts.rules(block):
                self._by_rule[rule].append(block)
            for kind in self._new_kinds(block):
                self._released[kind].add(block.country)
        self._span_s = max(
            max((block.until for block in blocks), default=0)
            - min((block.onset.low for block in blocks), default=0),
            DAY_S,
        )

    def others(self, block: Block) -> set[str]:
        """Other countries in which the same target began to be blocked in the same way within a day of this one."""
        return {
            one.country
            for one in self._alike(block)
            if _begin_together(one, block) and _lasts_as_long(one, block)
        }

    def lasting(self, block: Block) -> set[str]:
        """Other countries in which the same target was blocked for half of the time of this block at least.

        What failed there for some days says nothing of what has failed here for months.
        """
        near = self._by_target[block.target, block.method]
        return {one.country for one in near if one.country != block.country and _covers_half(one, block)}

    def is_everywhere(self, block: Block) -> bool:
        """Whether so many countries changed, or are, alike that it is the target and none of them."""
        measured = self._around.countries(block.target) - {block.country}
        if block.begun_before:
            there = self.lasting(block) & measured
            if len(there) >= _COUNTRIES and len(there) >= _CHRONIC_SHARE * len(measured):
                return True
            if block.end is None:
                return False
        there = self.others(block) & measured
        if len(there) < _COUNTRIES:
            return False
        # What began at other times tells how many would seem to have begun with it by chance: more, the less is known
        # of when they began.
        apart: dict[str, int] = {}
        for one in self._alike(block):
            if not one.begun_before and not _begin_together(one, block):
                width = one.onset.high - one.onset.low + block.onset.high - block.onset.low + 2 * DAY_S
                apart[one.country] = min(width, apart.get(one.country, width))
        return _by_chance(len(there), sum(apart.values()) / self._span_s) < _CHANCE

    def turned_with_the_rules(self, block: Block) -> bool:
        """Whether it may have begun with a release of rules, and so did much in many countries for the same reason."""
        for version, rule in self._new_kinds(block):
            others = self._released.get((version, rule), set()) - {block.country}
            if len(others) < _RELEASED:
                continue
            widths = {
                one.country: one.onset.high - one.onset.low
                for one in sorted(self._by_rule[rule], key=lambda one: one.onset.high - one.onset.low)
            }
            if _by_chance(len(others), sum(widths.values()) / self._span_s) < _CHANCE:
                return True
        return False

    def _alike(self, block: Block) -> list[Block]:
        """Blocks of the same target elsewhere, by a mechanism of this one."""
        means = _mechanisms(block)
        return [
            one
            for one, used in zip(
                self._by_target[block.target, block.method],
                self._used[block.target, block.method],
                strict=True,
            )
            if one.country != block.country and used & means
        ]

    def _new_kinds(self, block: Block) -> set[tuple[str, str]]:
        """The versions and rules that call it blocked, where none of them had judged it before, and just came out."""
        before = self._accounts.versions_before(block)
        versions = self._accounts.versions(block)
        if not before or before & versions:
            return set()
        out = {
            version
            for version in versions
            if block.onset.low <= self._accounts.released(version) <= block.onset.high
        }
        return {(version, rule) for version in out for rule in self._accounts.rules(block)}

    def programs_alone(self, block: Block) -> str:
        """The one program that calls it blocked, where others there do not, or where it does so in other countries too.

        Empty where there is no such program.
        """
        here = self._accounts.programs(block)
        blocking = [name for name, found in here.items() if found.blocked]
        if len(blocking) != 1:
            return ""
        program = blocking[0]
        contrary = sum(found.open for name, found in here.items() if name != program)
        if (
            contrary >= max(_ENOUGH, (1 - _MOSTLY) * here[program].blocked)
            and here[program].open <= (1 - _MOSTLY) * here[program].blocked
        ):
            return program
        spread = self._accounts.countries(block)
        alike = [
            country
            for country, found in spread.get(program, {}).items()
            if country != block.country
            and found.blocked >= _ENOUGH
            and found.blocked >= _MOSTLY * (found.blocked + found.open)
            and not any(
                there[country].blocked
                for name, there in spread.items()
                if name != program and country in there
            )
        ]
        return program if len(alike) >= _ELSEWHERE else ""


def against(
    blocks: Sequence[Block],
    explained: Mapping[Block, str],
    crowd: Crowd,
    tested: Collection[int],
    *,
    swept: bool,
) -> tuple[Reason, ...]:
    """What speaks against an incident of these blocks, the gravest first.

    explained names the reason of each block that something else explains. swept is whether the incident began with most
    of what is measured on its networks.
    """
    found = []
    most = {name for name in HOLDING if _is_most(name, blocks, explained)}
    if EVERYWHERE in most:
        there = [block for block in blocks if explained.get(block) == EVERYWHERE]
        countries: set[str] = set()
        countries.update(*(crowd.others(block) | crowd.lasting(block) for block in there))
        text = f"it began to look blocked in {len(countries)} other countries too: more likely a change of its own"
        found.append(Reason(EVERYWHERE, text, _FACTOR, (len(countries),)))
    if RULES_CHANGED in most:
        versions = ", ".join(sorted({version for block in blocks for version in block.versions}))
        text = f"it began with the rules that judge it ({versions}): judge what was before by the same ones"
        found.append(Reason(RULES_CHANGED, text, _FACTOR, (versions,)))
    if ONE_PROGRAM in most:
        programs = sorted(
            {crowd.programs_alone(block) for block in blocks if explained.get(block) == ONE_PROGRAM}
        )
        text = f"only {' and '.join(programs)} calls it blocked: more likely a fault of that version"
        found.append(Reason(ONE_PROGRAM, text, _FACTOR, (", ".join(programs),)))
    if swept:
        text = "most of what is measured on these networks began to fail at once: more likely trouble of the networks"
        found.append(Reason(SWEEP, text, 0.3))
    free = len(set(tested) - {block.asn for block in blocks})
    if free:
        text = f"{free} of {len(tested)} tested networks reach it"
        found.append(Reason("open_elsewhere", text, 0.9, (free, len(tested))))
    if all(block.begun_before for block in blocks):
        found.append(Reason(BEGUN_BEFORE, "it was so when it was first measured; nobody saw it begin", 0.9))
    return tuple(found)


def explained_by(blocks: Sequence[Block], crowd: Crowd) -> dict[Block, str]:
    """Those of an incident's blocks that something else explains better, each with the name of the reason.

    What everybody sees is not held against an incident whose interference itself was seen on two networks.
    """
    seen = {block.asn for block in blocks if block.direct or block.fingerprints}
    found: dict[Block, str] = {}
    for block in blocks:
        if len(seen) < _DIRECT_NETWORKS and crowd.is_everywhere(block):
            found[block] = EVERYWHERE
        elif crowd.turned_with_the_rules(block):
            found[block] = RULES_CHANGED
        elif crowd.programs_alone(block):
            found[block] = ONE_PROGRAM
    return found


def few(blocks: Sequence[Block], accounts: Accounts) -> tuple[Reason, ...]:
    """What speaks against an incident of one network: that few found it, unless the interference itself was seen."""
    if any(block.direct or block.fingerprints for block in blocks):
        return ()
    voters = len(frozenset().union(*(accounts.voters(block) for block in blocks)))
    factor = round(1 - math.exp(-voters / _MANY), 2)
    if factor >= _ENOUGH_SURE:
        return ()
    return (Reason("few_voters", f"only {voters} sessions found it", factor, (voters,)),)


def _is_most(name: str, blocks: Sequence[Block], explained: Mapping[Block, str]) -> bool:
    return (
        sum(explained.get(block) == name for block in blocks) * 2 >= len(blocks)
        and name in explained.values()
    )


def _begin_together(one: Block, other: Block) -> bool:
    """Whether one was seen to begin within a day of the other."""
    if one.begun_before:
        return False
    return one.onset.low - DAY_S <= other.onset.high and one.onset.high + DAY_S >= other.onset.low


def _covers_half(one: Block, block: Block) -> bool:
    together = min(one.until, block.until) - max(one.onset.at, block.onset.at)
    return together >= 0 and together * 2 >= block.until - block.onset.at


def _lasts_as_long(one: Block, block: Block) -> bool:
    """Whether it is not over long since: what all others have got over is no change of the target."""
    if one.end is None:
        return True
    lasted = max(one.end.at - one.onset.at, _SOON_S)
    return block.until - block.onset.at <= 2 * lasted


def _by_chance(many: int, expected: float) -> float:
    """How probable so many or more are where so many are expected, if each comes by itself."""
    below = sum(expected**k / math.factorial(k) for k in range(many))
    return max(0.0, 1 - math.exp(-expected) * below)


def _mechanisms(block: Block) -> set[Mechanism]:
    return {means.mechanism for means in block.means}
