"""How detection does on made series of kinds that it was not tuned on: nations, counties, users. Seeded.

`python -m bench unseen [--kind KIND] [--seed N] [--full] [--verbose]`: for each kind, and each cause in it, how many
were found, covered, how soon, in how many incidents, and how many false ones a country was told of in a year.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
import numpy as np

from bench.made.counties import counties
from bench.made.nations import nations
from bench.made.users import users
from bench.made.world import DAY_S, SHALLOW, Made
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.scoring.match import Leniency, Observed, Span
from lampwatch.detect.scoring.score import WHOLE, LabelScore, Score, score
from lampwatch.detect.scoring.spans import spans
from lampwatch.model.entity import EntityKind
from lampwatch.model.incident import Level

_TWO_BINS: Final = 2.0
_SLACK: Final = 0.01
"""Moments are whole seconds."""
KINDS: Final[dict[str, Callable[[np.random.Generator, bool], Iterator[Made]]]] = {
    "nations": lambda random, full: nations(random, 72 if full else 36),
    "counties": lambda random, full: counties(random, 40 if full else 20),
    "users": lambda random, full: iter([users(random, years=5 if full else 3)]),
}
"""What is made, by name; in full, or less of it."""


class Found(NamedTuple):
    """One set of series: its score by all that was told, and by what at least was apparent."""

    made: Made
    told: Score
    apparent: Score
    seconds: float


def found(made: Made) -> Found:
    """Detect in series that were made, and compare with what happened in them."""
    began = time.perf_counter()
    seen = spans(incidents(made.values))
    seconds = time.perf_counter() - began
    covered = [
        Observed(entity, int(v.starts[0]), int(v.starts[-1]) + v.series.resolution_s, made.moved[entity.code])
        for v in made.values
        if (entity := v.series.entity).code in made.moved
    ]
    covered += [
        msgspec.structs.replace(one, entity=one.entity.__class__(one.entity.country)) for one in covered
    ]
    told = score(made.labels, seen, covered, Leniency())
    apparent = score(made.labels, seen, covered, Leniency(), least_level=Level.APPARENT)
    return Found(made, told, apparent, seconds)


def report(kind: str, every: Sequence[Found]) -> list[str]:
    """The figures of one kind, and of each cause in it."""
    by_cause: dict[str, list[LabelScore]] = defaultdict(list)
    for one in every:
        for label in one.told.labels:
            if label.label.cause != SHALLOW:
                by_cause[label.label.cause].append(label)
                by_cause["all"].append(label)
    lines = [f"{kind}: {len(every)} sets, {sum(one.seconds for one in every):.1f} s", "", _row(*_HEADINGS)]
    lines.append("| --- " * len(_HEADINGS) + "|")
    lines += [_row(cause, *_cells(labels)) for cause, labels in sorted(by_cause.items())]
    lines += ["", _row("false ones", "of countries", "of regions"), "| --- " * 3 + "|"]
    for made in sorted({one.made.kind for one in every}):
        for name, which in (("told", 0), ("apparent at least", 1)):
            scores = [(one.told, one.apparent)[which] for one in every if one.made.kind == made]
            counts = [_false(scores, entity) for entity in (EntityKind.COUNTRY, EntityKind.REGION)]
            lines.append(_row(f"{made}, {name}", *counts))
    return [*lines, ""]


_HEADINGS: Final = (
    "cause",
    "found",
    "covered to 95 %",
    "mean cover",
    "bins (p90)",
    "in 2 bins",
    "incidents",
    "already open",
)


def _cells(labels: Sequence[LabelScore]) -> tuple[str, ...]:
    hits = [one for one in labels if one.found]
    delays = [one.delay_bins for one in hits if one.delay_bins is not None]
    covers = [one.best_coverage for one in labels if one.best_coverage is not None]
    return (
        f"{len(hits)}/{len(labels)} ({len(hits) / len(labels):.0%})",
        f"{sum(one >= WHOLE for one in covers) / max(1, len(covers)):.0%}",
        f"{np.mean(covers) if covers else 0:.0%}",
        f"{np.quantile(delays, 0.5):.1f} ({np.quantile(delays, 0.9):.1f})" if delays else "-",
        f"{sum(one <= _TWO_BINS + _SLACK for one in delays) / max(1, len(labels)):.0%}",
        f"{np.mean([one.incidents for one in hits]) if hits else 0:.2f}",
        f"{sum(one.already_open for one in hits)}",
    )


def _false(scores: Iterable[Score], kind: EntityKind) -> str:
    groups = [group for one in scores for group in one.by_kind if group.name == kind.value]
    events = sum(group.unlabelled.events for group in groups)
    years = sum(group.unlabelled.years for group in groups)
    return f"{events} in {years:.1f} years, {events / years:.2f} a year" if years else "-"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _moment(at: int | None) -> str:
    return "-" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"


def _missed(one: Found) -> Iterator[str]:
    """What was missed, seen late or not covered, and what was told beside, a line each."""
    for label in one.told.labels:
        late = label.delay_bins is not None and label.delay_bins > _TWO_BINS
        short = label.best_coverage is not None and label.best_coverage < WHOLE
        if label.label.cause != SHALLOW and (not label.found or late or short):
            about = label.label
            yield (
                f"  {'late or short' if label.found else 'missed'}: {about.entity.code} {about.cause} "
                f"{_moment(about.begin)} to {_moment(about.end)}, cover {label.best_coverage or 0:.2f}, "
                f"bins {label.delay_bins}, incidents {label.incidents}"
            )
    for span in one.told.unlabelled:
        yield f"  false: {_span(span)}"


def _span(span: Span) -> str:
    families = ", ".join(sorted(span.families))
    days = "-" if span.end is None else f"{(span.end - span.begin) / DAY_S:.2f} d"
    return f"{span.entity.code} {span.direction} {_moment(span.begin)} {days} level {span.level} {families}"


def main(arguments: Sequence[str]) -> int:
    """Print the figures of each kind, or of the one asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench unseen")
    parser.add_argument("--kind", choices=KINDS, help="only this one")
    parser.add_argument("--seed", type=int, default=1, help="another world")
    parser.add_argument("--full", action="store_true", help="more nations, more tables, five years of users")
    parser.add_argument("--verbose", action="store_true", help="each that was missed, and each told beside")
    asked = parser.parse_args(arguments)
    for kind, make in KINDS.items():
        if asked.kind not in (None, kind):
            continue
        every = []
        for made in make(np.random.default_rng([asked.seed, *kind.encode()]), asked.full):
            every.append(found(made))
            if asked.verbose:
                print("\n".join([f"{made.kind} {made.values[0].series.entity.code}", *_missed(every[-1])]))
        print("\n".join(report(kind, every)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
