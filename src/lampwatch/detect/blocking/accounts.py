"""Who said what in the votes of all countries: voters, programs and versions of the rules, for any block."""

from collections import defaultdict
from collections.abc import Callable, Mapping

from lampwatch.detect.blocking.findings import Findings
from lampwatch.detect.blocking.portions import Group
from lampwatch.detect.blocking.testimony import Program, Testimony
from lampwatch.model.blocking import Block

Spread = dict[tuple[str, str], dict[str, dict[str, Program]]]
"""By target and method: program -> country -> what it found there."""


class Accounts:
    """What stands behind blocks, wherever they are.

    of gives what stands behind one. programs and released are what was found, and when each version of the rules first
    judged, by country, target and method.
    """

    def __init__(
        self,
        of: Callable[[Block], Testimony],
        programs: Mapping[Group, Mapping[str, Program]],
        released: Mapping[Group, Mapping[str, int]],
    ) -> None:
        self._of = of
        self._spread: Spread = defaultdict(lambda: defaultdict(dict))
        for (country, target, method), here in programs.items():
            for program, found in here.items():
                self._spread[target, method][program][country] = found
        self._released: dict[str, int] = {}
        for versions in released.values():
            for version, time in versions.items():
                self._released[version] = min(self._released.get(version, time), time)

    def voters(self, block: Block) -> frozenset[int]:
        """Those who found it blocked while it lasts."""
        return self._of(block).voters

    def versions_before(self, block: Block) -> set[str]:
        """By which versions of the rules the history was judged before the block began."""
        return self._of(block).versions_before

    def versions(self, block: Block) -> set[str]:
        """Which versions of the rules called it blocked."""
        return self._of(block).versions

    def rules(self, block: Block) -> set[str]:
        """Which rules called it blocked."""
        return self._of(block).rules

    def released(self, version: str) -> int:
        """When a version of the rules first judged anything that is known here; in seconds since 1970."""
        return self._released.get(version, 0)

    def programs(self, block: Block) -> dict[str, Program]:
        """What each program found while the block lasts."""
        return self._of(block).programs

    def countries(self, block: Block) -> dict[str, dict[str, Program]]:
        """What each program found of the block's target in each country, over all that is known: program -> country."""
        return self._spread.get((block.target, block.method), {})


def accounts_of(findings: Findings) -> Accounts:
    """The accounts of what was found."""
    behind = {
        _name(block): testimony
        for finding in findings.values()
        for block, testimony in zip(finding.blocks, finding.behind, strict=True)
    }
    return Accounts(
        lambda block: behind[_name(block)],
        {group: finding.programs for group, finding in findings.items()},
        {group: finding.released for group, finding in findings.items()},
    )


def _name(block: Block) -> tuple[str, str, str, int, int, int]:
    return block.country, block.target, block.method, block.asn, block.onset.at, block.until
