"""How good a detector is: what it found of what is labelled, how soon, how whole, and what it found beside.

Pure. Lists of labels are incomplete, so what meets no label is called unlabelled: it is at most false.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
import numpy as np

from lampwatch.detect.scoring.intervals import Rate, Share, rate, share
from lampwatch.detect.scoring.match import (
    Leniency,
    Nearby,
    Observed,
    Span,
    extent,
    may_explain,
    may_meet,
    overlaps,
    same_way,
)
from lampwatch.model.entity import Entity, EntityKind
from lampwatch.model.label import Label

WHOLE: Final = 0.95
"""The share of a label that one incident should cover."""

_YEAR_S: Final = 365.25 * 86_400


class LabelScore(msgspec.Struct, frozen=True):
    """What was found of one label.

    delay_s is from the label's begin to the first alert of the spans that begin with it, negative where that came
    before; None where none does. already_open says that it fell into an incident that was open before. best_coverage
    and all_coverage are shares of the label's time, None where nobody knows its end. incidents: the spans it took.
    """

    label: Label
    found: bool
    already_open: bool = False
    delay_s: int | None = None
    delay_bins: float | None = None
    best_coverage: float | None = None
    all_coverage: float | None = None
    incidents: int = 0


class Group(msgspec.Struct, frozen=True):
    """The score of the labels and spans that have one thing in common.

    Delays and coverages are NaN where none is known.
    whole is the share of the labels with a known end that one incident covers to 95 % or more.
    """

    name: str
    recall: Share
    unlabelled: Rate
    delay_s_median: float
    delay_s_p90: float
    delay_bins_median: float
    delay_bins_p90: float
    best_coverage: float
    all_coverage: float
    whole: Share
    incidents_per_label: float
    already_open: int


class Score(msgspec.Struct, frozen=True):
    """The score of one detector: of everything, by kind of entity, and by year, with every label beside it.

    unlabelled holds the spans that meet no label. not_observed counts labels outside what the series cover.
    """

    everything: Group
    by_kind: tuple[Group, ...]
    by_year: tuple[Group, ...]
    labels: tuple[LabelScore, ...]
    unlabelled: tuple[Span, ...]
    not_observed: int


class _Cover:
    """What the series cover, after the time that a detector may take to learn them."""

    def __init__(self, observed: Iterable[Observed], warmup_s: int) -> None:
        self.stretches: dict[Entity, list[Observed]] = defaultdict(list)
        for one in observed:
            begin = one.begin + warmup_s
            if begin < one.end:
                self.stretches[one.entity].append(msgspec.structs.replace(one, begin=begin))
        self._nearby = Nearby(o for stretches in self.stretches.values() for o in stretches)

    def bins(self, entity: Entity, at: int, *, upward: bool) -> Observed | None:
        """The finest stretch that shows an entity at a time."""
        own = self.stretches.get(entity, [])
        related = own or [o for o in self._nearby.of(entity) if may_meet(o.entity, entity, upward=upward)]
        showing = [o for o in related if o.begin <= at < o.end]
        return min(showing, key=lambda o: o.bin_s, default=None)

    def shows(self, span: Span) -> bool:
        """Whether a series covers the entity of a span when it begins."""
        return any(o.begin <= span.begin < o.end for o in self.stretches.get(span.entity, ()))

    def years(self, *, kind: EntityKind | None = None, year: int | None = None) -> float:
        """Entity-years that are covered; of one entity, time that several series cover counts once."""
        total = 0
        for entity, stretches in self.stretches.items():
            if kind is None or entity.kind is kind:
                total += sum(_within(b, e, year) for b, e in _union((o.begin, o.end) for o in stretches))
        return total / _YEAR_S


def score(
    labels: Iterable[Label],
    spans: Iterable[Span],
    observed: Iterable[Observed],
    leniency: Leniency | None = None,
    *,
    least_level: int = 0,
) -> Score:
    """Compare what a detector found with what is labelled. The same in any order gives the same.

    Labels and spans that begin where no series covers their entity count neither way, and neither do spans below
    least_level.
    """
    leniency = leniency or Leniency()
    cover = _Cover(observed, leniency.warmup_s)
    every = sorted(labels, key=lambda label: (label.begin, label.entity, label.kind, label.source))
    known = sorted((s for s in spans if s.level >= least_level and cover.shows(s)), key=_order)
    nearby = Nearby(known)
    scored, not_observed = [], 0
    for label in every:
        stretch = cover.bins(label.entity, label.begin, upward=leniency.upward)
        if stretch is None:
            not_observed += 1
            continue
        scored.append(_label_score(label, nearby.of(label.entity), stretch, leniency))
    unlabelled = _unlabelled(known, every, cover, leniency)
    return Score(
        everything=_group("", scored, unlabelled, cover.years()),
        by_kind=_by_kind(scored, unlabelled, cover),
        by_year=_by_year(scored, unlabelled, cover),
        labels=tuple(scored),
        unlabelled=tuple(unlabelled),
        not_observed=not_observed,
    )


def _order(span: Span) -> tuple[int, Entity, int, str]:
    return span.begin, span.entity, span.first_alert, span.id


def _label_score(label: Label, nearby: Sequence[Span], stretch: Observed, leniency: Leniency) -> LabelScore:
    meeting = [
        span
        for span in nearby
        if may_meet(span.entity, label.entity, upward=leniency.upward)
        and same_way(span, label)
        and overlaps(span, label, leniency, stretch.bin_s)
    ]
    begin, end = extent(label, leniency)
    around = leniency.around_s + label.resolution_s + stretch.bin_s
    # An alert after it is all over has found nothing for anybody.
    meeting = [span for span in meeting if span.first_alert <= max(end, begin + stretch.bin_s) + around]
    if not meeting:
        covered = 0.0 if label.end is not None else None
        return LabelScore(label, found=False, best_coverage=covered, all_coverage=covered)
    fresh = [span for span in meeting if span.begin >= begin - around]
    delay = min((span.first_alert - begin for span in fresh), default=None)
    best = together = None
    if label.end is not None:
        end = min(label.end, stretch.end)
        pieces = [(max(s.begin, begin), min(end if s.end is None else s.end, end)) for s in meeting]
        best = max(max(0, e - b) for b, e in pieces) / (end - begin)
        together = sum(e - b for b, e in _union(pieces)) / (end - begin)
    return LabelScore(
        label,
        found=True,
        already_open=not fresh,
        delay_s=delay,
        delay_bins=None if delay is None else delay / stretch.bin_s,
        best_coverage=best,
        all_coverage=together,
        incidents=len(meeting),
    )


def _unlabelled(
    spans: Iterable[Span], labels: Iterable[Label], cover: _Cover, leniency: Leniency
) -> list[Span]:
    nearby = Nearby(labels)
    found = []
    for span in spans:
        bin_s = min(o.bin_s for o in cover.stretches[span.entity])
        if not any(
            may_explain(label.entity, span.entity)
            and same_way(span, label)
            and overlaps(span, label, leniency, bin_s)
            for label in nearby.of(span.entity)
        ):
            found.append(span)
    return found


def _by_kind(scored: Sequence[LabelScore], unlabelled: Sequence[Span], cover: _Cover) -> tuple[Group, ...]:
    kinds = sorted({one.label.entity.kind for one in scored} | {entity.kind for entity in cover.stretches})
    return tuple(
        _group(
            kind.value,
            [one for one in scored if one.label.entity.kind is kind],
            [span for span in unlabelled if span.entity.kind is kind],
            cover.years(kind=kind),
        )
        for kind in kinds
    )


def _by_year(scored: Sequence[LabelScore], unlabelled: Sequence[Span], cover: _Cover) -> tuple[Group, ...]:
    ends = [year for o in cover.stretches.values() for s in o for year in (_year(s.begin), _year(s.end - 1))]
    years = range(min(ends, default=0), max(ends, default=-1) + 1)
    return tuple(
        _group(
            str(year),
            [one for one in scored if _year(one.label.begin) == year],
            [span for span in unlabelled if _year(span.begin) == year],
            cover.years(year=year),
        )
        for year in years
    )


def _group(name: str, scored: Sequence[LabelScore], unlabelled: Sequence[Span], years: float) -> Group:
    delays = [one.delay_s for one in scored if one.delay_s is not None]
    bins = [one.delay_bins for one in scored if one.delay_bins is not None]
    best = [one.best_coverage for one in scored if one.best_coverage is not None]
    together = [one.all_coverage for one in scored if one.all_coverage is not None]
    found = [one.incidents for one in scored if one.found]
    return Group(
        name=name,
        recall=share(len(found), len(scored)),
        unlabelled=rate(len(unlabelled), years),
        delay_s_median=_quantile(delays, 0.5),
        delay_s_p90=_quantile(delays, 0.9),
        delay_bins_median=_quantile(bins, 0.5),
        delay_bins_p90=_quantile(bins, 0.9),
        best_coverage=_mean(best),
        all_coverage=_mean(together),
        whole=share(sum(c >= WHOLE for c in best), len(best)),
        incidents_per_label=_mean(found),
        already_open=sum(one.already_open for one in scored),
    )


def _quantile(values: Sequence[float], q: float) -> float:
    return float(np.quantile(np.asarray(values, dtype=np.float64), q)) if values else float("nan")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(np.asarray(values, dtype=np.float64))) if values else float("nan")


def _year(at: int) -> int:
    return datetime.fromtimestamp(at, UTC).year


def _within(begin: int, end: int, year: int | None) -> int:
    """Seconds of a stretch that lie in a year; all of them where none is asked for."""
    if year is None:
        return end - begin
    first = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
    last = int(datetime(year + 1, 1, 1, tzinfo=UTC).timestamp())
    return max(0, min(end, last) - max(begin, first))


def _union(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches that share no time, and cover the same."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(pieces):
        if end <= begin:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return merged
