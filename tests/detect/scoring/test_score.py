import math
from random import Random

import msgspec
import pytest

from lampwatch.detect.scoring.intervals import at_most, rate, share
from lampwatch.detect.scoring.match import Leniency, Observed, Span, lies_in
from lampwatch.detect.scoring.score import Score, score
from lampwatch.detect.scoring.text import duration, told
from lampwatch.model.entity import Entity
from lampwatch.model.label import DAY_S, Label, LabelKind

HOUR = 3600
YEAR = 365 * DAY_S + DAY_S // 4
T0 = 1_609_459_200  # 2021-01-01


def label(code: str, begin_h: float, end_h: float | None, kind: LabelKind = LabelKind.OUTAGE) -> Label:
    end = None if end_h is None else T0 + int(end_h * HOUR)
    return Label(Entity.of(code), T0 + int(begin_h * HOUR), end, "test", kind)


def span(
    code: str, begin_h: float, end_h: float | None, alert_h: float | None = None, turns: str = "drop"
) -> Span:
    begin = T0 + int(begin_h * HOUR)
    end = None if end_h is None else T0 + int(end_h * HOUR)
    alert = begin + HOUR if alert_h is None else T0 + int(alert_h * HOUR)
    return Span(Entity.of(code), begin, end, alert, id=f"{code}:{begin_h}", direction=turns)


def covered(*codes: str, bin_s: int = HOUR) -> list[Observed]:
    return [Observed(Entity.of(code), T0, T0 + YEAR, bin_s) for code in codes]


def scored(
    labels: list[Label],
    spans: list[Span],
    *codes: str,
    leniency: Leniency | None = None,
    least_level: int = 0,
) -> Score:
    return score(labels, spans, covered(*codes), leniency, least_level=least_level)


def test_a_label_is_found_by_a_span_of_its_entity_in_its_time() -> None:
    result = scored([label("VE", 100, 110)], [span("VE", 101, 110, 103)], "VE")
    [one] = result.labels
    assert (one.found, one.delay_s, one.delay_bins, one.incidents) == (True, 3 * HOUR, 3.0, 1)
    assert one.best_coverage == pytest.approx(0.9)
    assert result.unlabelled == ()


def test_what_meets_no_label_is_counted_in_entity_years() -> None:
    result = scored([], [span("VE", 1000, 1001), span("CO", 5, 6)], "VE", "CO")
    assert len(result.unlabelled) == 2
    assert result.everything.unlabelled.value == pytest.approx(1.0)


def test_an_alert_after_all_is_over_has_found_nothing() -> None:
    assert not scored([label("VE", 100, 110)], [span("VE", 100, 110, 200)], "VE").labels[0].found


def test_a_surge_does_not_meet_an_outage() -> None:
    result = scored([label("VE", 100, 110)], [span("VE", 100, 110, turns="surge")], "VE")
    assert not result.labels[0].found
    assert len(result.unlabelled) == 1


@pytest.mark.parametrize("turns", ["drop", "surge", ""])
def test_blocking_may_turn_a_signal_either_way(turns: str) -> None:
    assert (
        scored([label("VE", 1, 2, LabelKind.BLOCKING)], [span("VE", 1, 2, turns=turns)], "VE").labels[0].found
    )


def test_an_incident_in_pieces_covers_less_in_one_than_in_all() -> None:
    pieces = [span("VE", 100, 103), span("VE", 104, 109)]
    [one] = scored([label("VE", 100, 110)], pieces, "VE").labels
    assert (one.best_coverage, one.all_coverage, one.incidents) == (0.5, 0.8, 2)


def test_a_label_inside_an_older_incident_is_found_but_gives_no_delay() -> None:
    [one] = scored([label("VE", 100, 110)], [span("VE", 10, None)], "VE").labels
    assert (one.found, one.already_open, one.delay_s, one.best_coverage) == (True, True, None, 1.0)


def test_a_label_outside_what_the_series_cover_is_not_counted() -> None:
    result = scored([label("VE", -5, -1), label("CO", 5, 6), label("VE", 5, 6)], [], "VE")
    assert (result.not_observed, result.everything.recall.of) == (2, 1)


def test_what_happens_while_a_detector_learns_counts_neither_way() -> None:
    learning = Leniency(warmup_s=DAY_S)
    result = scored([label("VE", 5, 6)], [span("VE", 8, 9)], "VE", leniency=learning)
    assert (result.not_observed, result.unlabelled) == (1, ())
    assert result.everything.unlabelled.years == pytest.approx((YEAR - DAY_S) / YEAR)


def test_a_day_may_miss_by_a_day() -> None:
    daily = msgspec.structs.replace(label("VE", 240, 264), resolution_s=DAY_S)
    observed = covered("VE", bin_s=DAY_S)
    assert score([daily], [span("VE", 288, 312)], observed).labels[0].found
    assert not score([daily], [span("VE", 336, 360)], observed).labels[0].found


def test_a_label_without_an_end_has_no_coverage_and_lasts_as_long_as_told() -> None:
    late = [span("VE", 140, 150)]
    assert not scored([label("VE", 100, None)], late, "VE").labels[0].found
    [one] = scored([label("VE", 100, None)], late, "VE", leniency=Leniency(open_s=2 * DAY_S)).labels
    assert (one.found, one.best_coverage) == (True, None)


@pytest.mark.parametrize(
    ("labelled", "found", "upward", "meets"),
    [
        ("VE-B", "VE-B", False, True),
        ("VE-B", "AS8048@VE-B", False, False),
        ("VE-B", "AS8048@VE-B", True, True),
        ("VE", "VE-B", True, False),
        ("VE-B", "VE", True, False),
        ("AS8048", "AS8048@VE-B", True, True),
    ],
)
def test_labels_of_regions_are_met_from_below_only_where_asked(
    labelled: str, found: str, *, upward: bool, meets: bool
) -> None:
    result = scored(
        [label(labelled, 5, 6)], [span(found, 5, 6)], labelled, found, leniency=Leniency(upward=upward)
    )
    assert result.labels[0].found is meets


def test_a_span_in_a_labelled_place_or_around_one_is_no_false_alarm() -> None:
    result = scored(
        [label("VE-B", 5, 6)], [span("VE", 5, 6), span("AS1@VE-B", 5, 6), span("VE-D", 5, 6)], "VE"
    )
    assert [one.entity.code for one in result.unlabelled] == []
    result = scored([label("VE-B", 5, 6)], [span("VE-D", 5, 6)], "VE-D")
    assert [one.entity.code for one in result.unlabelled] == ["VE-D"]


def test_a_network_without_a_place_lies_in_no_country() -> None:
    assert not lies_in(Entity.of("AS1"), Entity.of("VE"))
    assert lies_in(Entity.of("US-LA/Calcasieu"), Entity.of("US"))
    assert not lies_in(Entity.of("US-LA"), Entity.of("US-LA/Calcasieu"))


def test_spans_below_the_level_asked_for_do_not_count() -> None:
    result = scored([label("VE", 5, 6)], [span("VE", 5, 6)], "VE", least_level=2)
    assert not result.labels[0].found


def test_scores_are_grouped_by_kind_and_by_year() -> None:
    labels = [label("VE", 5, 6), label("VE-B", 5, 6), label("AS1", 5, 6)]
    result = scored(labels, [span("VE-B", 5, 6)], "VE", "VE-B", "AS1")
    assert [(g.name, g.recall.hits, g.recall.of) for g in result.by_kind] == [
        ("country", 0, 1),
        ("network", 0, 1),
        ("region", 1, 1),
    ]
    assert [(g.name, g.recall.of) for g in result.by_year] == [("2021", 3), ("2022", 0)]
    assert sum(g.unlabelled.years for g in result.by_year) == pytest.approx(3.0)


def test_the_order_of_what_is_given_changes_nothing() -> None:
    labels = [label("VE", h, h + 5) for h in range(0, 400, 40)] + [label("CO", 7, 9)]
    spans = [span("VE", h, h + 2) for h in range(0, 400, 7)] + [span("CO", 5, None)]
    observed = covered("VE", "CO")
    shuffled = [*labels], [*spans], [*observed]
    for some in shuffled:
        Random(4).shuffle(some)
    assert msgspec.json.encode(score(labels, spans, observed)) == msgspec.json.encode(score(*shuffled))


def test_nothing_at_all_is_no_score_and_no_error() -> None:
    result = score([], [], [])
    assert math.isnan(result.everything.recall.value)
    assert told(result)[0] == "found       - of the labelled events"


def test_a_score_is_told_in_plain_lines() -> None:
    lines = told(scored([label("VE", 100, 110), label("VE", 200, 210)], [span("VE", 101, 110, 103)], "VE"))
    assert lines[0].startswith("found       1/2 (9 to 91 %)")
    assert lines[2].startswith("first alert 3 h after the labelled begin (median)")
    assert (
        lines[3] == "coverage    45 % by one incident, 45 % by all; one incident holds 95 % or more of 0 of 2"
    )
    assert "| by kind | country | 1/2 (9 to 91 %) |" in "\n".join(lines)


def test_durations_are_told_in_their_largest_unit() -> None:
    assert [duration(s) for s in (0, 90, -600, 7200, 129_600)] == [
        "0 s",
        "1.5 min",
        "-10 min",
        "2 h",
        "1.5 d",
    ]


# Source of the expected figures: R 4.3, binom::binom.wilson and poisson.test.
def test_intervals_are_those_of_the_books() -> None:
    tenth = share(1, 10)
    assert (tenth.low, tenth.high) == pytest.approx((0.01787621, 0.4041500), abs=1e-6)
    assert (share(0, 10).low, share(10, 10).high) == (0.0, 1.0)
    ten = rate(10, 2.0)
    assert (ten.low, ten.high) == pytest.approx((4.795389 / 2, 18.39036 / 2), abs=1e-5)
    none = rate(0, 1.0)
    assert (none.low, none.high) == pytest.approx((0.0, 3.688879), abs=1e-5)
    assert rate(5000, 1.0).low == pytest.approx(4862.36, abs=0.5)


def test_poisson_probabilities_are_right_at_both_ends() -> None:
    assert at_most(0, 2.0) == pytest.approx(math.exp(-2))
    assert at_most(3, 0.0) == 1.0
    assert at_most(10_000, 9_000.0) == pytest.approx(1.0)
