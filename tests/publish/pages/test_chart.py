import pytest

from lampwatch.publish.pages.chart import daily_chart, share_bars
from lampwatch.store.rows import Counted


def test_no_day_makes_no_drawing() -> None:
    assert daily_chart({}) is None


def test_a_day_nobody_measured_stays_empty() -> None:
    chart = daily_chart({"2022-01-01": Counted(ok=1), "2022-01-03": Counted(ok=1)})
    assert chart is not None
    assert [bar.x for bar in chart.bars] == [0, 16]
    assert "measured on 2 of 3 days" in chart.says
    assert "not drawn" not in chart.says


def test_what_is_blocked_stands_on_the_ground() -> None:
    chart = daily_chart({"2022-01-01": Counted(ok=3, blocked=1)})
    assert chart is not None
    blocked, well = chart.bars
    assert (blocked.state, blocked.y + blocked.height) == ("blocked", chart.height)
    assert well.y + well.height == blocked.y


def test_one_blocked_verdict_among_thousands_still_shows() -> None:
    chart = daily_chart({"2022-01-01": Counted(ok=99_999, blocked=1)})
    assert chart is not None
    assert chart.bars[0].height >= 1


def test_only_the_last_four_months_are_drawn() -> None:
    chart = daily_chart({"2020-01-01": Counted(ok=1), "2022-01-01": Counted(ok=1)})
    assert chart is not None
    assert chart.first == "2021-09-04"
    assert "Earlier days that were measured (1) are not drawn" in chart.says


def test_shares_fill_the_bar() -> None:
    bars = share_bars(Counted(ok=1, down=1, blocked=1, unknown=1))
    assert [bar.state for bar in bars] == ["blocked", "down", "unknown", "ok"]
    assert sum(bar.width for bar in bars) == pytest.approx(100)


def test_nothing_counted_has_no_share() -> None:
    assert share_bars(Counted()) == []
