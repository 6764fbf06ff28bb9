"""How good detection of blocking is, on a simulated world with planted blocks, beside OONI's. `--write` puts it down.

`python -m bench blocking [--write] [--countries N] [--days N] [--seed N] [--looks N] [--no-detection] [--told]`: 200
countries and 90 days unless said otherwise. --looks runs detection at so many moments too, on what had been measured
until then; --no-detection scores the baseline alone, --told lists what was told falsely.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.baselines import ooni_cusum
from bench.blocking.causes import causes
from bench.blocking.detecting import categories, detection, sizes
from bench.blocking.looking import lived, looks, moments
from bench.blocking.page import (
    causes_section,
    held_section,
    lived_section,
    missed_section,
    own_sections,
    page,
)
from bench.blocking.rows import Rows
from bench.blocking.scored import (
    Score,
    by_probability,
    onsets,
    reliability,
    score,
    told,
    told_by,
    within_layers,
)
from bench.blocking.truth import Truth
from bench.blocking.votes import evidence_of, joined
from bench.blocking.world import COUNTRIES, DAYS, SEED, World
from lampwatch.formats.vote_tables import Evidence

WRITTEN: Final = Path(__file__).resolve().parents[1] / "blocking.md"


class Measured(NamedTuple):
    """A simulated world with what each side makes of it. rows are kept only where they are asked for again."""

    truths: list[Truth]
    alerts: list[ooni_cusum.Alert]
    parts: list[Evidence]
    rows: list[Rows]
    users: dict[str, float]
    category: dict[str, str]
    verdicts: int


def measured(world: World, *, own: bool, keep: bool) -> Measured:
    """Draw a world, country by country."""
    found = Measured([], [], [], [], {}, {}, 0)
    verdicts = 0
    for country in world.simulated():
        verdicts += country.rows.size
        found.truths.extend(country.truths)
        found.alerts.extend(ooni_cusum.alerts(country.rows))
        found.users.update(sizes([country.rows]))
        found.category.update(categories([country.rows]))
        if own:
            found.parts.append(evidence_of(country.rows))
        if keep:
            found.rows.append(country.rows)
    return found._replace(verdicts=verdicts)


def document(world: World, *, own: bool, looking: int = 0, list_false: bool = False) -> str:
    """The page, measured now. own is whether our detection is run too, looking at how many moments beside the end."""
    began = time.perf_counter()
    seen = measured(world, own=own, keep=looking > 0)
    made = time.perf_counter() - began
    line = f"{world.countries} countries, {world.days} days, {seen.verdicts:,} verdicts (seed {world.seed})."
    sections: list[list[str]] = []
    scores: list[tuple[str, Score]] = []
    if own:
        detect = detection(seen.users, seen.category)
        began = time.perf_counter()
        every = [told(one, world.end) for one in detect(joined(seen.parts))]
        line += f" Detection took {time.perf_counter() - began:.0f} s."
        scores.append(("lampwatch", score(every, seen.truths, world.country_years)))
        sections = own_sections(scores[0][1], onsets(every, seen.truths))
        sections += [
            held_section("By level", reliability(every, seen.truths)),
            held_section("By probability", by_probability(every, seen.truths)),
        ]
        if looking:
            moments_ = moments(world.begin, world.end, looking)
            told_then = list(looks(seen.rows, detect, moments_))
            sections.append(lived_section(lived(told_then, seen.truths, world.country_years)))
        sections.append(missed_section(scores[0][1]))
        sections.append(causes_section(causes(scores[0][1].wrong, world.mishaps)))
        for false in scores[0][1].wrong if list_false else ():
            print(false._replace(blocks=()), file=sys.stderr)
    print(f"made in {made:.0f} s; {line}", file=sys.stderr)
    groups = ooni_cusum.grouped(seen.alerts)
    line += f" OONI's detector sent {len(seen.alerts):,} alerts, {len(groups):,} when grouped."
    scores += _baselines(groups, seen.truths, world)
    return page(world, line, scores, seen.truths, sections)


def _baselines(
    groups: Sequence[ooni_cusum.Group], truths: Sequence[Truth], world: World
) -> list[tuple[str, Score]]:
    """OONI's detector: as it is, where it must have alerted on two networks, and of what it can see at all."""
    one = [told_by(group, networks=1) for group in groups]
    two = [told_by(group, networks=2) for group in groups]
    alone = score(one, truths, world.country_years)
    visible = score(one, within_layers(truths), world.country_years)
    return [
        (ooni_cusum.NAME, alone),
        (f"{ooni_cusum.NAME}, two networks", score(two, truths, world.country_years)),
        # What it tells falsely is the same whatever it could have found.
        (f"{ooni_cusum.NAME}, of what its layers can see", visible._replace(false=alone.false)),
    ]


def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it where it belongs."""
    parser = argparse.ArgumentParser(prog="python -m bench blocking", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {WRITTEN.name}")
    parser.add_argument("--countries", type=int, default=COUNTRIES)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--looks", type=int, default=0, help="moments at which it is looked at live, too")
    parser.add_argument("--no-detection", action="store_true", help="score the baseline alone")
    parser.add_argument("--told", action="store_true", help="list what was told falsely")
    given = parser.parse_args(arguments)
    world = World(seed=given.seed, countries=given.countries, days=given.days)
    text = document(world, own=not given.no_detection, looking=given.looks, list_false=given.told)
    if given.write:
        WRITTEN.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
