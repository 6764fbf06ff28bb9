"""What false tellings come from, as far as the mishaps of a simulated world tell."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from bench.blocking.country import DAY_S, code_of
from bench.blocking.mishaps import Mishaps
from bench.blocking.scored import Told

OTHER: Final = "something else: broken IPv6, flaky sites, chance"


def causes(wrong: Iterable[Told], mishaps: Mishaps) -> Counter[str]:
    """How many false tellings come from what; of several that fit, the first counts."""
    return Counter(_cause(one, mishaps) for one in wrong)


def _cause(one: Told, mishaps: Mishaps) -> str:
    def during(begin: int, end: int) -> bool:
        # A change is dated by what was measured: a day earlier or later.
        return begin - DAY_S <= one.onset <= end + DAY_S

    for release in mishaps.releases:
        if one.targets & release.items and during(release.begin, release.end):
            return "a release of rules or fingerprints that errs"
    for move in mishaps.moves:
        here = one.country in {code_of(place) for place in move.countries}
        if here and move.item.target in one.targets and during(move.begin, move.end):
            many = len(move.countries) > 3
            return (
                "a target that moved, in many countries"
                if many
                else "a target that moved, in a few countries"
            )
    for outage in mishaps.outages:
        if outage.target in one.targets and during(outage.begin, outage.end):
            return "a target that was down everywhere"
    if any(bug.item.target in one.targets and bug.why.mechanism in one.mechanisms for bug in mishaps.bugs):
        return "a version of a program with a bug"
    return OTHER
