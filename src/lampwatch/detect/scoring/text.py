"""A score in words: one line for each group, as plain text or as a row of a Markdown table."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from lampwatch.detect.scoring.intervals import Rate, Share
from lampwatch.detect.scoring.score import Group, Score

HEADINGS: Final = (
    "recall (95 %)",
    "unlabelled a year (95 %)",
    "delay, bins (p90)",
    "in one incident",
    "in any",
    "incidents a label",
)
"""What `cells` gives, in its order."""

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def cells(group: Group) -> tuple[str, ...]:
    """The figures of one group, for the columns in HEADINGS."""
    delay = group.delay_bins_median
    return (
        _share(group.recall),
        _rate(group.unlabelled),
        "-" if math.isnan(delay) else f"{delay:.1f} ({group.delay_bins_p90:.1f})",
        _percent(group.best_coverage),
        _percent(group.all_coverage),
        "-" if math.isnan(group.incidents_per_label) else f"{group.incidents_per_label:.1f}",
    )


def table(first: Sequence[str], rows: Iterable[tuple[Sequence[str], Group]]) -> list[str]:
    """A Markdown table: the first columns with these headings, and behind them the figures of each row's group."""
    headings = (*first, *HEADINGS)
    lines = [_row(headings), _row(["---"] * len(headings))]
    lines += [_row((*names, *cells(group))) for names, group in rows]
    return lines


def told(score: Score) -> list[str]:
    """A score for people, in plain lines."""
    whole = score.everything
    lines = [
        f"found       {_share(whole.recall)} of the labelled events",
        f"unlabelled  {_rate(whole.unlabelled)} an entity-year: at most so many are false, for no list is complete",
    ]
    if not math.isnan(whole.delay_s_median):
        lines.append(
            f"first alert {duration(whole.delay_s_median)} after the labelled begin (median), "
            f"{duration(whole.delay_s_p90)} in nine of ten; in bins {whole.delay_bins_median:.1f} and "
            f"{whole.delay_bins_p90:.1f}"
        )
    if whole.already_open:
        lines.append(f"            {whole.already_open} fell into an incident that was open before")
    if whole.whole.of:
        lines.append(
            f"coverage    {_percent(whole.best_coverage)} by one incident, {_percent(whole.all_coverage)} by all; "
            f"one incident holds 95 % or more of {whole.whole.hits} of {whole.whole.of}"
        )
    if score.not_observed:
        lines.append(f"not counted {score.not_observed} labels of what no series covers")
    groups = [(("by kind", g.name), g) for g in score.by_kind] + [
        (("by year", g.name), g) for g in score.by_year
    ]
    return [*lines, "", *table(("", "of"), groups)]


def duration(seconds: float) -> str:
    """A duration in its largest unit: `3 h`, `1.5 d`, `-10 min`."""
    size, unit = next(((s, u) for s, u in _UNITS if abs(seconds) >= s), (1, "s"))
    return f"{seconds / size:.1f}".removesuffix(".0") + f" {unit}"


def _row(names: Iterable[str]) -> str:
    return f"| {' | '.join(names)} |"


def _percent(value: float) -> str:
    return "-" if math.isnan(value) else f"{100 * value:.0f} %"


def _share(of: Share) -> str:
    if not of.of:
        return "-"
    return f"{of.hits}/{of.of} ({100 * of.low:.0f} to {100 * of.high:.0f} %)"


def _rate(of: Rate) -> str:
    if not of.years:
        return "-"
    return f"{of.events} in {of.years:.3g}: {of.value:.2g} ({of.low:.2g} to {of.high:.2g})"
