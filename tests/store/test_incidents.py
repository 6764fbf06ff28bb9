from pathlib import Path

import pytest

from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.errors import UserError
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope
from lampwatch.model.revision import Revision, Status
from lampwatch.store.incidents import IncidentLog

HOUR = 3600


def revision(name: str, number: int = 1, *, onset: int = HOUR) -> Revision:
    at = Event(Turn.ONSET, onset, onset - 300, onset + 300, onset + HOUR)
    incident = ConnectivityIncident(
        id=name,
        country="KZ",
        scope=Scope.COUNTRY,
        direction=Direction.DROP,
        entities=("KZ",),
        onset=at,
        end=None,
        until=onset + HOUR,
        level=Level.SIGNAL,
        steps=(),
        depth=0.9,
        share=None,
        probability=0.5,
        deliberate=0.2,
        reasons=(),
        against=(),
        parts=(),
    )
    return Revision(incident, number, 0, 0, Status.ONGOING, "first seen", "1")


@pytest.fixture
def log(tmp_path: Path) -> IncidentLog:
    return IncidentLog(tmp_path / "kept" / "incidents.jsonl")


def test_a_revision_is_read_back_as_it_was(log: IncidentLog) -> None:
    log.append([revision("a"), revision("b", onset=0)])
    assert log.revisions() == [revision("a"), revision("b", onset=0)]


def test_the_last_revision_of_each_stands_in_order_of_onset(log: IncidentLog) -> None:
    log.append([revision("a"), revision("b", onset=0)])
    log.append([revision("a", 2)])
    assert [(one.incident.id, one.number) for one in log.standing()] == [("b", 1), ("a", 2)]


def test_a_line_that_was_cut_short_is_left_out_and_the_next_append_is_whole(log: IncidentLog) -> None:
    log.append([revision("a")])
    path = log._path
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert log.revisions() == [revision("a")]
    log.append([revision("b")])
    assert [one.incident.id for one in log.revisions()] == ["a", "b"]


def test_a_whole_line_that_is_no_revision_is_named(log: IncidentLog) -> None:
    log.append([revision("a")])
    with log._path.open("ab") as file:
        file.write(b'{"incident": 7}\n')
    with pytest.raises(UserError, match=r"incidents\.jsonl line 2 is no revision"):
        log.revisions()


def test_a_log_that_was_never_written_is_empty(log: IncidentLog) -> None:
    log.append([])
    assert log.revisions() == log.standing() == []
    assert not log._path.exists()


def test_a_line_from_before_there_were_two_kinds_is_read(log: IncidentLog, tmp_path: Path) -> None:
    log.append([revision("a")])
    path = tmp_path / "kept" / "incidents.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"kind":"connectivity",', b""))
    assert b"kind" not in path.read_bytes()
    assert log.revisions() == [revision("a")]
