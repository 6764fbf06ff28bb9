"""Backtests: detectors side by side on real series with labelled events. `python -m bench backtests [--shared FOLDER]`.

Each data set is scored alone. A detector that cannot be run on it has no row there.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench._series import DataSet, data_sets
from bench.baselines import chocolatine, cusum_hourly, ioda, radar_similar_days, tor_ratio
from bench.baselines.found import Baseline, Found
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.scoring.match import Leniency, Observed, Span
from lampwatch.detect.scoring.score import Score, score
from lampwatch.detect.scoring.spans import spans
from lampwatch.detect.scoring.text import cells, table
from lampwatch.formats.labels import read_labels
from lampwatch.model.entity import Entity
from lampwatch.model.label import Label
from lampwatch.model.series import Values

ROOT: Final = Path(__file__).resolve().parent
LABELS: Final = ROOT / "labels"

_DAY_S: Final = 86_400
_OPEN_S: Final = 7 * _DAY_S
"""How long a label without an end is taken to last: long enough for a slow onset."""

Detector = Callable[[DataSet], list[Span]]
"""The spans that a detector finds in a data set; it raises `Unsuited` where it cannot be run on it."""


class Unsuited(Exception):  # noqa: N818  it is no error, but an answer
    """The detector is not meant for such series."""


def _baseline(module: Baseline) -> Detector:
    """A baseline as a detector: on each series alone, as its authors have it."""

    def run(data: DataSet) -> list[Span]:
        suited = [values for values in data.scored if module.suits(values, data.beside)]
        if not suited:
            raise Unsuited
        return [span for values in suited for span in _spans(values, module.detect(values, data.beside))]

    return run


def _spans(values: Values, found: Iterable[Found]) -> Iterator[Span]:
    for one in found:
        yield Span(
            entity=values.series.entity,
            begin=one.begin,
            end=one.end,
            first_alert=one.first_alert,
            families=frozenset({values.series.family}),
            id=f"{values.series.id}:{one.begin}",
            direction=one.kind,
        )


def _lampwatch(data: DataSet) -> list[Span]:
    """Our own, as `lampwatch detect` runs it: on all series together. What is not scored counts neither way."""
    scored = {values.series.entity for values in data.scored}
    scored |= {Entity(values.series.entity.country) for values in data.scored}
    return [span for span in spans(incidents(data.beside)) if span.entity in scored]


DETECTORS: Final[dict[str, Detector]] = {
    "lampwatch": _lampwatch,
    ioda.NAME: _baseline(ioda),
    chocolatine.NAME: _baseline(chocolatine),
    tor_ratio.NAME: _baseline(tor_ratio),
    radar_similar_days.NAME: _baseline(radar_similar_days),
    cusum_hourly.NAME: _baseline(cusum_hourly),
}
"""Who is compared, by name."""


class Result(NamedTuple):
    """One detector on one data set, and how long it took; score is None where it cannot be run on it."""

    data: str
    detector: str
    score: Score | None
    seconds: float


def labels_of(data: DataSet) -> list[Label]:
    """The labels written by hand for a data set. A row that cannot be read is our own mistake."""
    file = LABELS / f"{data.labels}.csv"
    found = read_labels(file.read_bytes(), file.name)
    assert not found.malformed, found.malformed
    return list(found.labels)


def observed(every: Iterable[Values]) -> list[Observed]:
    """What the series cover."""
    return [
        Observed(
            v.series.entity,
            int(v.starts[0]),
            int(v.starts[-1]) + v.series.resolution_s,
            v.series.resolution_s,
        )
        for v in every
        if len(v)
    ]


def backtests(shared: Path, detectors: dict[str, Detector] = DETECTORS) -> Iterator[Result]:
    """Every detector on every data set of the shared data."""
    for data in data_sets(shared):
        labels, covered = labels_of(data), observed(data.scored)
        for name, detector in detectors.items():
            began = time.perf_counter()
            try:
                spans = detector(data)
            except Unsuited:
                yield Result(data.name, name, None, 0.0)
                continue
            seconds = time.perf_counter() - began
            yield Result(data.name, name, score(labels, spans, covered, Leniency(open_s=_OPEN_S)), seconds)


def report(results: Sequence[Result]) -> list[str]:
    """The results as Markdown: a table of all, and beneath it which labels nobody or somebody found."""
    ran = [(r, r.score) for r in results if r.score is not None]
    rows = [((r.data, r.detector, f"{r.seconds:.1f} s"), of.everything) for r, of in ran]
    lines = table(("data", "detector", "took"), rows)
    left_out = [f"- {r.data}: {r.detector}" for r in results if r.score is None]
    if left_out:
        lines += ["", "Not meant for such series, or needs longer ones or more of them:", "", *left_out]
    lines += [
        "",
        "Found of the falls and of the surges among them, and how many labels fell into an open incident:",
        "",
    ]
    lines += ["| data | detector | falls | surges | either | already open |", "| --- " * 6 + "|"]
    for r, of in ran:
        falls, surges, either = (
            _found(of, kinds) for kinds in (("outage", "fall"), ("surge",), ("blocking",))
        )
        lines.append(
            f"| {r.data} | {r.detector} | {falls} | {surges} | {either} | {of.everything.already_open} |"
        )
    return lines


def _found(of: Score, kinds: tuple[str, ...]) -> str:
    among = [one.found for one in of.labels if one.label.kind in kinds]
    return f"{sum(among)}/{len(among)}" if among else "-"


def shared_folder(arguments: Sequence[str]) -> Path:
    """Where the shared data lie: as named, as LAMPWATCH_SHARED says, or beside the repository."""
    if "--shared" in arguments:
        return Path(arguments[arguments.index("--shared") + 1])
    return Path(os.environ.get("LAMPWATCH_SHARED") or ROOT.parent.parent / "shared" / "data")


def main(arguments: Sequence[str]) -> int:
    """Print the comparison; with --json, every score in full, one a line."""
    results = []
    for result in backtests(shared_folder(arguments)):
        figures = " | ".join(cells(result.score.everything)) if result.score else "not run"
        print(f"{result.data:22} {result.detector:22} {figures}", file=sys.stderr)
        results.append(result)
    if "--json" in arguments:
        for result in results:
            print(msgspec.json.encode(result).decode())
    else:
        print("\n".join(report(results)))
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
