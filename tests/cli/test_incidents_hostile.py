"""The log of incidents and its commands, in every state that a kill, an older version or a stranger leaves it in."""

import os
import signal
import threading
from pathlib import Path

import msgspec
import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.incident import Level
from lampwatch.store.incidents import IncidentLog
from tests.cli.running import ended, killed, lampwatch, said, serving, started
from tests.detect.found import NAME, blocked, dark, revision

READING = (("incidents",), ("incident", NAME), ("incidents", "--format", "json"))
CONTROL = "kz-\x1b[2J\x07-1"


def log_in(data: Path) -> IncidentLog:
    return IncidentLog(data / "incidents.jsonl")


def test_an_empty_directory_has_no_incident_and_none_is_made_up(tmp_path: Path) -> None:
    for command in (("incidents",), ("detect", "--all")):
        assert "No incident" in said(*command, "--data", tmp_path / "none")
    for asked in (("incident", NAME), ("sign-off", NAME, "--confirm", "--because", "x")):
        result = lampwatch(*asked, "--data", tmp_path / "none")
        assert result.exit_code == 2
        assert f"no incident is called {NAME}" in result.stderr


@pytest.mark.parametrize("cut", [2, 20, 200, 400])
def test_a_line_that_a_kill_cut_short_hides_no_other(tmp_path: Path, cut: int) -> None:
    log = log_in(tmp_path)
    log.append([revision(blocked())])
    path = tmp_path / "incidents.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:-cut])
    for command in READING:
        assert NAME in said(*command, "--data", tmp_path)
    log.append([revision(blocked(), 2)])
    assert [one.number for one in log.revisions()] == [1, 2]


def test_a_line_that_lacks_no_more_than_its_end_counts_and_no_number_is_given_twice(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.append([revision(blocked())])
    path = tmp_path / "incidents.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    assert [one.number for one in log.standing()] == [1]
    log.append([revision(blocked(), 2)])
    assert [one.number for one in log.revisions()] == [1, 2]
    assert [one.number for one in log.standing()] == [2]


def test_a_log_that_is_shared_sees_what_others_append_restore_and_damage(tmp_path: Path) -> None:
    log, other, path = log_in(tmp_path), log_in(tmp_path), tmp_path / "incidents.jsonl"
    other.append([revision(blocked())])
    kept = path.read_bytes()
    for number in (2, 3):
        other.append([revision(blocked(), number)])
        assert log.standing() == other.standing() == [revision(blocked(), number)]
    path.write_bytes(kept)
    assert log.standing() == [revision(blocked())]
    path.write_bytes(kept + b"nonsense\n")
    for _ in range(2):
        with pytest.raises(UserError, match="line 2 is no revision"):
            log.standing()
    path.unlink()
    assert log.standing() == []


def test_a_line_cut_after_any_bracket_is_known_to_be_cut(tmp_path: Path) -> None:
    line = msgspec.json.encode(revision(blocked()))
    brackets = [at + 1 for at in range(len(line) - 1) if line[at : at + 1] in b"}]"]
    assert brackets
    for at in brackets:
        (tmp_path / "incidents.jsonl").write_bytes(line + b"\n" + line[:at] + b"\n" + line + b"\n")
        assert len(log_in(tmp_path).revisions()) == 2


def test_a_line_that_somebody_wrote_is_named(tmp_path: Path) -> None:
    log_in(tmp_path).append([revision(blocked())])
    for line in (b"nonsense", b"[" * 100_000, b'{"incident":{"id":7},"made_at":1}', b"\xff\xfe}", b"7"):
        whole = (tmp_path / "incidents.jsonl").read_bytes().split(b"\n")[0]
        (tmp_path / "incidents.jsonl").write_bytes(whole + b"\n" + line + b"\n")
        for command in READING:
            result = lampwatch(*command, "--data", tmp_path)
            assert result.exit_code in {0, 2}, (line, result.exception)
            if result.exit_code:
                (told,) = result.stderr.splitlines()
                assert "incidents.jsonl line 2 is no revision" in told


def test_a_log_of_the_older_form_is_read_and_gone_on_with(tmp_path: Path) -> None:
    log = log_in(tmp_path)
    log.append([revision(dark())])
    path = tmp_path / "incidents.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"kind":"connectivity",', b""))
    log.append([revision(dark(level=Level.APPARENT), 2)])
    assert NAME in said("incidents", "--data", tmp_path)
    assert "Revisions" in said("incident", NAME, "--data", tmp_path)


def test_names_with_control_characters_do_not_act_on_the_terminal(tmp_path: Path) -> None:
    log_in(tmp_path).append([revision(blocked(id=CONTROL, targets=("a\x1b[31m.example",)))])
    for command in (("incidents",), ("incident", CONTROL), ("incidents", "--format", "jsonl")):
        assert not {"\x1b", "\x07"} & set(said(*command, "--data", tmp_path))
    for name in ("kz\x1b[2J", "\u202eabc", "../../etc/passwd", "a" * 10_000, " "):
        result = lampwatch("incident", name, "--data", tmp_path)
        assert result.exit_code == 2
        assert not {"\x1b", "\u202e"} & set(result.stderr)


def test_two_who_append_at_once_give_no_number_twice(tmp_path: Path) -> None:
    def go_on() -> None:
        for _ in range(25):
            with log_in(tmp_path).held() as log:
                log.append([revision(blocked(), len(log.revisions()) + 1)])

    threads = [threading.Thread(target=go_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.number for one in log_in(tmp_path).revisions()] == list(range(1, 101))


def test_incidents_are_read_while_a_server_has_the_store(tmp_path: Path) -> None:
    log_in(tmp_path).append([revision(blocked())])
    with serving("serve", "--port", "0", "--data", tmp_path):
        for command in READING:
            assert NAME in said(*command, "--data", tmp_path)
        result = lampwatch("detect", "--all", "--data", tmp_path)
        assert result.exit_code == 0
        assert "what is blocked is not looked for" in result.stderr


def test_who_is_killed_while_the_log_is_held_holds_nobody_up(tmp_path: Path) -> None:
    log_in(tmp_path).append([revision(blocked())])
    with log_in(tmp_path).held():
        waiting = started("detect", "--all", "--data", tmp_path)
        other = started("detect", "--all", "--data", tmp_path)
        os.killpg(other.pid, signal.SIGKILL)
        killed(other)
    status, _, told = ended(waiting)
    assert status == 0, told
    assert [one.number for one in log_in(tmp_path).revisions()] == [1]
