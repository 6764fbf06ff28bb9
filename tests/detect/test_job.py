import datetime as dt
from pathlib import Path

from lampwatch.detect.connectivity.incidents import Setting
from lampwatch.detect.job import detect
from lampwatch.model.revision import Status
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.series import SeriesStore
from tests.detect.connectivity.making import DAY
from tests.detect.test_revisions import ONSET, dark

NOON = dt.datetime(2022, 2, 2, 12)  # noqa: DTZ001  UTC without a zone, as everywhere


def test_what_arrives_late_makes_a_revision_and_the_log_keeps_both(tmp_path: Path) -> None:
    series = SeriesStore(tmp_path / "series", clock=lambda: NOON)
    log = IncidentLog(tmp_path / "incidents.jsonl")
    series.append([dark(DAY, until=ONSET + DAY // 2)])
    assert [one.status for one in detect(series, log, Setting(), now=1).revisions] == [Status.ONGOING]
    assert detect(series, log, Setting(), now=2).revisions == []
    series.append([dark(DAY)])
    assert [one.status for one in detect(series, log, Setting(), now=3).revisions] == [Status.RESTORED]
    assert [(one.number, one.made_at) for one in log.revisions()] == [(1, 1), (2, 3)]


def test_incidents_of_series_that_are_not_looked_at_stay_as_they_are(tmp_path: Path) -> None:
    series = SeriesStore(tmp_path / "series", clock=lambda: NOON)
    log = IncidentLog(tmp_path / "incidents.jsonl")
    series.append([dark(DAY)])
    detect(series, log, Setting(), now=1)
    assert detect(series, log, Setting(), now=2, choose=lambda _values: False).revisions == []
    assert [one.status for one in log.standing()] == [Status.RESTORED]
