"""The figures of a simulated world as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import numpy as np

from bench.baselines import ooni_cusum
from bench.blocking.looking import Lived
from bench.blocking.scored import Onsets, Score
from bench.blocking.truth import ENOUGH_BLOCKED, ENOUGH_VOTES, Kind, Truth
from bench.blocking.world import World
from lampwatch.detect.scoring.intervals import Rate, Share

_HEAD: Final = f"""\
# Detection of blocking, measured

Made by `python -m bench blocking --write` from a simulated world (`bench/blocking/world.py`). Intervals are of 95 %:
Wilson's for shares, Garwood's for rates.

- must be found: blocks that begin within the window and of which two networks have, for one and the same target, at
  least {ENOUGH_VOTES} deciding votes while it lasts and {ENOUGH_BLOCKED} voters who found it blocked. The others are
  counted apart as too thin.
- recall: those of which an incident is told at level 2 or above, at any time.
- of the possible: the same of all of which two networks have {ENOUGH_BLOCKED} voters who found it blocked, however few
  votes there are. Nobody can tell of the rest at level 2: each network has to show it by itself.
- false a year: incidents told at level 2 or above that meet nothing planted, in a year of one country.
- delay: from the onset on the first network to the moment at which level 2 was reached, in hours. beyond what was
  possible: from the moment at which two networks had each been seen to block by {ENOUGH_BLOCKED} voters.
- incidents a block: into how many told incidents a found block broke.
- OONI's detector alerts on one network of one country, domain and layer ({ooni_cusum.LAYERS[0]}, tcp, tls). Its alerts
  on one country and target within a day count as one here. With "two networks" it must have alerted on two.
"""


def share_text(one: Share) -> str:
    """`93/100 (86 to 97 %)`."""
    return f"{one.hits}/{one.of} ({one.low * 100:.0f} to {one.high * 100:.0f} %)" if one.of else "-"


def rate_text(one: Rate) -> str:
    """`12 in 49.3 years: 0.24 (0.13 to 0.43)`."""
    return f"{one.events} in {one.years:.1f} years: {one.value:.2g} ({one.low:.2g} to {one.high:.2g})"


def hours_text(hours: Sequence[float]) -> str:
    """The median, and what nine of ten stay under."""
    if not hours:
        return "-"
    return f"{float(np.median(hours)):.1f} ({float(np.percentile(hours, 90)):.1f})"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def page(
    world: World,
    told: str,
    scores: Sequence[tuple[str, Score]],
    truths: Sequence[Truth],
    sections: Sequence[Sequence[str]],
) -> str:
    """All figures of one run. told is a line on how large the world is and how long it took; scores are by detector."""
    lines = [_HEAD, told, "", *_planted(world, truths), "", *_scores(scores)]
    for section in sections:
        lines += ["", *section]
    return "\n".join([*lines, ""])


def held_section(name: str, rows: Sequence[tuple[str, float, Share]]) -> list[str]:
    """How often what was said held."""
    return [f"## {name}", "", *_reliability(rows)]


def missed_section(own: Score) -> list[str]:
    """Every block that must be found and was not."""
    missed = [f"- {one}" for one in own.missed] or ["Nothing that must be found."]
    return ["## What was missed", "", *missed]


def causes_section(found: Mapping[str, int]) -> list[str]:
    """What was told falsely, by what it comes from."""
    rows = [(cause, str(count)) for cause, count in sorted(found.items(), key=lambda one: -one[1])]
    told = table(("it comes from", "incidents"), rows) if rows else ["Nothing."]
    return ["## What was told falsely", "", *told]


def lived_section(one: Lived) -> list[str]:
    """What looks at several moments add up to."""
    return [
        "## As it would have been told",
        "",
        f"Detection at {one.looks} moments, each on what had been measured until then.",
        "",
        f"- told falsely at some moment: {rate_text(one.false)} a year; {one.withdrawn} of them withdrawn by the last",
        f"- found at some moment: {share_text(one.found)} of what must be found; {one.lost} of them lost again",
    ]


def _planted(world: World, truths: Sequence[Truth]) -> list[str]:
    kinds = {kind: [t for t in truths if t.planted.kind is kind] for kind in Kind}
    begun = kinds[Kind.BLOCK]
    due = sum(t.detectable for t in begun)
    standing, filters = len(kinds[Kind.STANDING]), len(kinds[Kind.FILTER])
    return [
        f"Planted: {len(begun)} blocks that begin within the window, {due} of which must be found.",
        f"Beside them {standing} that stood from the first day on, and {filters} networks with a filter of their own.",
        f"{world.country_years:.1f} years of one country.",
    ]


def _scores(scores: Sequence[tuple[str, Score]]) -> list[str]:
    head = (
        "detector",
        "recall",
        "of the possible",
        "of the too thin",
        "of the standing",
        "false a year",
        "told",
        "delay, h (p90)",
        "beyond what was possible, h (p90)",
        "incidents a block",
    )
    rows = [
        (
            name,
            share_text(one.recall),
            share_text(one.possible),
            share_text(one.thin),
            share_text(one.standing),
            rate_text(one.false),
            str(one.told),
            hours_text(one.delays),
            hours_text(one.beyond),
            f"{one.pieces:.2f}",
        )
        for name, one in scores
    ]
    lines = table(head, rows)
    names = [name for name, _ in scores]
    lines += ["", "Recall by the share of measurements that fail on a blocking network:", ""]
    lines += table(("failing", *names), list(_side_by_side([one.by_rate for _, one in scores])))
    lines += ["", "Recall by mechanism (the first one used):", ""]
    lines += table(("mechanism", *names), list(_side_by_side([one.by_mechanism for _, one in scores])))
    return lines


def _side_by_side(columns: Sequence[Sequence[tuple[str, Share]]]) -> Iterator[tuple[str, ...]]:
    for place, (name, _) in enumerate(columns[0]):
        yield (name, *(_short(column[place][1]) for column in columns))


def _short(one: Share) -> str:
    return f"{one.hits}/{one.of}" if one.of else "-"


def own_sections(own: Score, dated: Onsets) -> list[list[str]]:
    """What is told of found blocks."""
    errors = [abs(one) for one in dated.errors_h]
    named, block = share_text(own.networks_right), share_text(own.networks_found)
    exact, some = share_text(own.mechanism), share_text(own.some_mechanism)
    interval, bounds = share_text(dated.within_interval), share_text(dated.in_bounds)
    lines = [
        f"- right networks: {named} of those named block; {block} of those that block and were measured are named",
        f"- mechanism: {exact} name exactly what was used and seen; {some} name nothing that was not used",
        f"- onset of a network: {interval} right within one measurement interval; {bounds} within its bounds",
        f"- (which are to hold nine of ten); off by {hours_text(errors)} hours, median and nine of ten",
        f"- told of two networks or more though one alone blocks: {own.alone} of {own.told}",
    ]
    return [["## What is told of a found block", "", *lines]]


def _reliability(rows: Sequence[tuple[str, float, Share]]) -> list[str]:
    head = ("said", "incidents", "mean probability said", "held (95 %)")
    return table(
        head,
        [
            (name, str(held.of), f"{said:.2f}" if held.of else "-", f"{held.value:.2f} {share_text(held)}")
            for name, said, held in rows
            if held.of
        ],
    )
