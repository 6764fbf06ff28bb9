"""How good detection of blocking is, on a simulated world with planted blocks, beside OONI's. `--write` puts it down.

`python -m bench blocking [--write] [--countries N] [--days N] [--seed N] [--no-detection] [--told]`: 200 countries and
90 days unless said otherwise. --no-detection scores the baseline alone, --told lists what was told falsely.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.baselines import ooni_cusum
from bench.blocking.detecting import categories, detection, sizes
from bench.blocking.page import page
from bench.blocking.scored import (
    Onsets,
    Score,
    Told,
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

WRITTEN: Final = Path(__file__).resolve().parents[1] / "blocking.md"


def document(world: World, *, own: bool, list_false: bool = False) -> str:
    """The page, measured now. own is whether our detection is run too."""
    began = time.perf_counter()
    parts, truths, alerts, verdicts = [], list[Truth](), list[ooni_cusum.Alert](), 0
    users: dict[str, float] = {}
    category: dict[str, str] = {}
    for country in world.simulated():
        verdicts += country.rows.size
        truths += country.truths
        alerts += ooni_cusum.alerts(country.rows)
        users |= sizes([country.rows])
        category |= categories([country.rows])
        if own:
            parts.append(evidence_of(country.rows))
    made = time.perf_counter() - began
    line = f"{world.countries} countries, {world.days} days, {verdicts:,} verdicts (seed {world.seed})."
    scores: list[tuple[str, Score]] = []
    dated: Onsets | None = None
    every: list[Told] = []
    if own:
        detect = detection(users, category)
        began = time.perf_counter()
        every = [told(one, world.end) for one in detect(joined(parts))]
        line += f" Detection took {time.perf_counter() - began:.0f} s."
        scores.append(("lampwatch", score(every, truths, world.country_years)))
        dated = onsets(every, truths)
    print(f"made in {made:.0f} s; {line}", file=sys.stderr)
    groups = ooni_cusum.grouped(alerts)
    visible = within_layers(truths)
    line += f" OONI's detector sent {len(alerts):,} alerts, {len(groups):,} when grouped."
    for name, networks, among in (
        ("OONI's CUSUM", 1, truths),
        ("OONI's CUSUM, two networks", 2, truths),
        ("OONI's CUSUM, of what its layers can see", 1, visible),
    ):
        those = [told_by(group, networks=networks) for group in groups]
        one = score(those, truths, world.country_years)
        if among is visible:
            # What it tells falsely is the same whatever it could have found.
            one = score(those, visible, world.country_years)._replace(false=one.false)
        scores.append((name, one))
    if list_false:
        for false in scores[0][1].wrong:
            print(false._replace(blocks=()), file=sys.stderr)
    tables = (
        [("By level", reliability(every, truths)), ("By probability", by_probability(every, truths))]
        if own
        else []
    )
    return page(world, line, scores, dated, tables, truths)


def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it where it belongs."""
    parser = argparse.ArgumentParser(prog="python -m bench blocking", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {WRITTEN.name}")
    parser.add_argument("--countries", type=int, default=COUNTRIES)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--no-detection", action="store_true", help="score the baseline alone")
    parser.add_argument("--told", action="store_true", help="list what was told falsely")
    given = parser.parse_args(arguments)
    world = World(seed=given.seed, countries=given.countries, days=given.days)
    text = document(world, own=not given.no_detection, list_false=given.told)
    if given.write:
        WRITTEN.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
