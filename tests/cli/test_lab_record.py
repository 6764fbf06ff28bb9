"""`lampwatch lab record`: a recording by the real probe in real labs, held against its script."""

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from lampwatch.cli import lab as module
from lampwatch.cli import lab_record
from lampwatch.cli.lab import LabJudge
from lampwatch.cli.lab_errand import errand_command
from lampwatch.cli.lab_record import Span, checked, span_of, steps_beside
from lampwatch.lab.block import Address, Block, Drop, Everything, Reset, Sni
from lampwatch.lab.recording import Errand
from lampwatch.lab.sandbox import available
from lampwatch.lab.scenario import Measure, Topology
from lampwatch.lab.script import Asked, Happening, Network, Script
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.errors import UserError
from lampwatch.model.vocabulary import Layer, Mechanism, State
from tests.cli.running import LONG_S, ended, lampwatch
from tests.house.tree import ROOT

RESET = Truth(State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)
DROPPED = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
OK, UNKNOWN = Truth(State.OK), Truth(State.UNKNOWN)
ABOUT = ("web_connectivity", "blocked.test")
SHORT = Script(
    country="XA",
    starts=dt.datetime(2026, 11, 16),  # noqa: DTZ001  start times are UTC without a zone
    hours=9,
    networks=(Network(64512, "One (lab)", Topology()), Network(64513, "Other (lab)", Topology())),
    world=World(),
    asked=(Asked(Measure(input="https://blocked.test/"), {"blocked.test": OK}),),
    happenings=(
        Happening(
            story="It is reset.", networks=(64512,), begins=2, ends=5, truth={ABOUT: RESET},
            blocks=(Block(Sni("blocked.test"), Reset(both=True), hop=2),),
        ),
        Happening(
            story="It is dropped.", networks=(64513,), begins=2, ends=5, truth={ABOUT: DROPPED},
            blocks=(Block(Address("93.184.216.34"), Drop()),),
        ),
        Happening(
            story="All is off.", networks=(64513,), begins=5, ends=8, truth={ABOUT: UNKNOWN}, outage=True,
            blocks=(Block(Everything(), Drop()),),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def _labs() -> None:
    if reason := available():
        if os.environ.get("CI"):
            pytest.fail(f"the lab must run in CI, and cannot: {reason}")
        pytest.skip(f"no lab: {reason}")


def documents(path: Path) -> list[dict[str, Any]]:
    packed = path.read_bytes()
    lines = zstandard.ZstdDecompressor(max_window_size=2**27).decompress(packed).splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.usefixtures("_labs")
def test_a_recording_is_dated_labelled_and_judged_as_its_script_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WEEK", SHORT)
    out = tmp_path / "short.jsonl.zst"
    result = lampwatch("lab", "record", "--out", out, "--parallel", 2)
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("all verdicts tell what the script did\n")
    made = documents(out)
    judge = LabJudge()
    states: dict[str, list[str]] = {"AS64512": [], "AS64513": []}
    for one in made:
        (verdict,) = judge.verdicts(json.dumps(one).encode())
        states[one["probe_asn"]].append(str(verdict.state))
    assert [list(dict.fromkeys(found)) for found in states.values()] == [
        ["ok", "blocked"],
        ["ok", "blocked", "unknown"],
    ]
    assert (states["AS64512"][0], states["AS64512"][-1]) == ("ok", "ok")
    assert {one["probe_cc"] for one in made} == {"XA"}
    assert {one["probe_network_name"] for one in made} == {"One (lab)", "Other (lab)"}
    assert all("laboratory" in one["annotations"]["lab_recording"] for one in made)
    times = [one["measurement_start_time"] for one in made]
    assert times == sorted(times)
    assert times[0].startswith("2026-11-16 00:")
    assert times[-1].startswith("2026-11-16 08:")


@pytest.mark.usefixtures("_labs")
def test_a_part_of_it_can_be_recorded_and_a_departure_from_the_script_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lie = msgspec.structs.replace(SHORT.happenings[0], truth={ABOUT: DROPPED})
    script = msgspec.structs.replace(SHORT, happenings=(lie,), networks=SHORT.networks[:1])
    monkeypatch.setattr(module, "WEEK", script)
    out = tmp_path / "part.jsonl.zst"
    result = lampwatch("lab", "record", "--out", out, "--hours", "2-4")
    assert result.exit_code == 1
    assert "AS64512 Mon 02:15 web_connectivity: blocked.test: tls_sni_reset, and not ip_drop" in result.stdout
    hours = {one["measurement_start_time"][11:13] for one in documents(out)}
    assert hours == {"02", "03"}


@pytest.mark.usefixtures("_labs")
def test_a_probe_that_fails_is_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WEEK", SHORT)
    monkeypatch.setattr(lab_record, "errand_command", lambda _: ["sh", "-c", "echo broken >&2; exit 3"])
    result = lampwatch("lab", "record", "--out", tmp_path / "none", "--hours", "0-1")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "(lab), Mon 00:" in result.stderr
    assert "the probe ended with status 3 and 0 of 1 measurements: broken" in result.stderr


BRIEF = msgspec.structs.replace(SHORT, networks=SHORT.networks[:1])
AS_A_PROGRAM = """
from lampwatch.cli import lab, main
from tests.cli.test_lab_record import BRIEF
lab.WEEK = BRIEF
main()
"""


def recording(out: Path) -> "subprocess.Popen[bytes]":
    """The command as a program, which records one network of the short script."""
    command = [sys.executable, "-c", AS_A_PROGRAM, "lab", "record", "--out", str(out)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def wait_for_a_step(program: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(LONG_S * 100):
        if any(folder.glob("*.zst")):
            return
        try:
            program.wait(timeout=0.01)
        except subprocess.TimeoutExpired:
            continue
        break
    assert program.stderr is not None
    raise AssertionError(program.stderr.read().decode())


@pytest.mark.usefixtures("_labs")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_recording_that_is_broken_off_goes_on_where_it_was(
    how: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, folder = tmp_path / "short.jsonl.zst", tmp_path / "short.jsonl.zst.steps"
    program = recording(out)
    wait_for_a_step(program, folder)
    os.killpg(program.pid, how)
    status, _, err = ended(program)
    assert not out.exists()
    kept = {file.name: file.stat().st_mtime_ns for file in folder.glob("*.zst")}
    if how is signal.SIGINT:
        assert status == 130
        assert re.fullmatch(
            rf"lampwatch: interrupted; \d+ measurements are kept in {folder}; "
            r"run the same command again to go on from there\n", err
        )  # fmt: skip
    errands: list[Errand] = []

    def counted(errand: Errand) -> list[str]:
        errands.append(errand)
        return errand_command(errand)

    monkeypatch.setattr(module, "WEEK", BRIEF)
    monkeypatch.setattr(lab_record, "errand_command", counted)
    result = lampwatch("lab", "record", "--out", out)
    assert result.exit_code == 0, result.output
    assert re.search(r"MB, [1-9]\d* of them from before\nall verdicts tell", result.stdout)
    (network,) = BRIEF.networks
    assert len(errands) == len(list(BRIEF.stretches(network))) - len(kept)
    assert list(tmp_path.iterdir()) == [out]
    assert [one["measurement_start_time"][:16] for one in documents(out)] == [
        f"{BRIEF.time(one.hour):%F %H:%M}" for one in BRIEF.rounds(network) for _ in one.questions
    ]


@pytest.mark.usefixtures("_labs")
def test_a_probe_that_fails_in_the_middle_loses_nothing_that_was_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[Errand] = []

    def once(errand: Errand) -> list[str]:
        met.append(errand)
        return errand_command(errand) if len(met) == 1 else ["sh", "-c", "exit 3"]

    monkeypatch.setattr(module, "WEEK", BRIEF)
    monkeypatch.setattr(lab_record, "errand_command", once)
    result = lampwatch("lab", "record", "--out", tmp_path / "short")
    assert result.exit_code == 2
    assert "the recording broke off: One (lab), Mon 0" in result.stderr
    assert f"measurements are kept in {tmp_path / 'short.steps'}; run the same command again" in result.stderr


def test_steps_of_other_hours_are_not_mixed_in(tmp_path: Path) -> None:
    with steps_beside(tmp_path / "out", SHORT, Span(0, 9)) as steps:
        steps.keep("AS64512-000", [b"{}"])
    with pytest.raises(UserError, match="holds steps of another recording: other hours"):
        steps_beside(tmp_path / "out", SHORT, Span(0, 8))


def test_a_verdict_that_is_missing_departs_from_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    document = msgspec.json.encode(
        {
            "probe_asn": "AS64512",
            "measurement_start_time": "2026-11-16 00:10:00",
            "test_name": "web_connectivity",
            "input": "https://blocked.test/",
        }
    )
    assert not checked(SHORT, [document], lambda _: ())
    assert "AS64512 Mon 00:10 web_connectivity: blocked.test: no verdict" in capsys.readouterr().out


def test_all_of_the_script_is_recorded_unless_told() -> None:
    assert span_of("", SHORT) == Span(0, 9)
    assert span_of("2-4", SHORT) == Span(2, 4)


@pytest.mark.parametrize("text", ["4-2", "2-2", "0-10", "monday", "-1-3", "1.5-2"])
def test_hours_that_are_no_part_of_it_are_told(text: str) -> None:
    with pytest.raises(UserError, match="is no part of a recording of 9 hours"):
        span_of(text, SHORT)


def test_a_machine_without_namespaces_is_told_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "available", lambda: "namespaces cannot be made here: not permitted")
    result = lampwatch("lab", "record", "--out", tmp_path / "none")
    assert (result.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "namespaces cannot be made here: not permitted" in result.stderr


def test_a_file_that_cannot_be_written_is_told_before_anything_is_recorded(tmp_path: Path) -> None:
    result = lampwatch("lab", "record", "--out", tmp_path / "no" / "such")
    assert result.exit_code == 2
    assert f"nothing can be written into {tmp_path / 'no'}; name another file with --out" in result.stderr
