import datetime as dt
from pathlib import Path

import msgspec

from lampwatch.detect.blocking.setting import Setting as BlockingSetting
from lampwatch.detect.connectivity.incidents import Setting
from lampwatch.detect.job import detect, detect_blocking
from lampwatch.model.incident import Level
from lampwatch.model.revision import Status
from lampwatch.model.signoff import SignOff
from lampwatch.model.vocabulary import State
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.series import SeriesStore
from tests.detect.connectivity.making import DAY
from tests.detect.test_revisions import ONSET, dark
from tests.store.samples import PLACE, measurement, store_at, tables_of, verdict

HOUR = dt.timedelta(hours=1)
DAY_LONG = 24 * HOUR
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


def blocked_on_two_networks(store: DuckDBStore) -> None:
    """Two weeks on two networks, the second of which telegram is blocked in; each measurement is another session's."""
    store.commit(
        tables_of(
            *(
                (
                    measurement(
                        1000 * asn + hour, start=NOON + hour * HOUR, asn=asn, report_id=f"{asn} {hour}"
                    ),
                    [verdict("telegram", State.BLOCKED if hour >= 7 * 24 else State.OK)],
                )
                for asn in (9198, 21299)
                for hour in range(0, 14 * 24, 3)
            )
        ),
        PLACE,
    )
    store.refresh_votes()


def test_no_wrong_clock_hides_what_is_blocked(tmp_path: Path) -> None:
    log = IncidentLog(tmp_path / "incidents.jsonl")
    now = int((NOON + 14 * DAY_LONG).replace(tzinfo=dt.UTC).timestamp())
    with store_at(tmp_path / "store") as store:
        blocked_on_two_networks(store)
        wrong = [
            (measurement(n, start=NOON + years * 365 * DAY_LONG, report_id="liar"), [verdict("telegram")])
            for n, years in enumerate((1, 9, 60))
        ]
        store.commit(tables_of(*wrong), PLACE)
        store.refresh_votes()
        (found,) = detect_blocking(store, log, BlockingSetting(), now=now).incidents
        assert (found.level, found.end) == (Level.APPARENT, None)
        # Years later the archive is the same, and so is what it says.
        assert detect_blocking(store, log, BlockingSetting(), now=now + 5 * 365 * 86_400).revisions == []


def test_a_sign_off_while_detection_looks_is_not_undone_by_it(tmp_path: Path) -> None:
    log = IncidentLog(tmp_path / "incidents.jsonl")
    now = int((NOON + 14 * DAY_LONG).replace(tzinfo=dt.UTC).timestamp())
    asked = []

    def signed() -> list[SignOff]:
        asked.append(log.standing())
        return []

    with store_at(tmp_path / "store") as store:
        blocked_on_two_networks(store)
        detect_blocking(store, log, BlockingSetting(), now=now)
        (last,) = log.standing()
        log.append([msgspec.structs.replace(last, number=2, because="signed meanwhile")])
        detect_blocking(store, log, BlockingSetting(), now=now, sign_offs=signed)
    # What persons signed is asked for once the log is held, so that both tell of one moment.
    assert [one.because for one in asked[0]] == ["signed meanwhile"]
    assert [one.number for one in log.revisions()] == [1, 2]
