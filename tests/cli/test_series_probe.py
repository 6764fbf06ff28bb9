"""`lampwatch series probe` asks nobody before everything is in order. Rounds themselves are in tests/lab."""

import fcntl
import os
import signal
from pathlib import Path

import pytest

from lampwatch.cli.series_probe_kept import recalled, remembered
from lampwatch.signals.probing.belief import Standing
from lampwatch.signals.probing.memory import Memory
from tests.cli.running import ended, lampwatch, started

LIST = "block,addresses,availability,asn,country,region\n127.7.7.0/24,1-20,0.9,64601,XA,\n"


def listed(folder: Path, text: str = LIST) -> Path:
    path = folder / "blocks.csv"
    path.write_text(text, encoding="utf-8")
    return path


def argv(folder: Path, *more: object, without: str = "", text: str = LIST) -> list[object]:
    """A command line in which everything is in order, but for what is left out or added."""
    pairs = [
        ("--i-have-permission", ""),
        ("--allow-private", ""),
        ("--control", "127.7.8.1"),
        ("--contact", "https://lab.test/"),
        ("--data", str(folder / "data")),
        ("--round", "1"),
        ("--timeout", "0.05"),
        ("--rate", "500"),
    ]
    options = [word for name, value in pairs if name != without for word in (name, value) if word]
    return ["series", "probe", listed(folder, text), *options, *more]


def refused(*arguments: object) -> str:
    """The one line that a command is refused with."""
    result = lampwatch(*arguments)
    assert result.exit_code == 2
    return str(result.stderr)


def test_without_permission_it_tells_the_risks_and_asks_nobody(tmp_path: Path) -> None:
    result = lampwatch(*argv(tmp_path, without="--i-have-permission"))
    assert result.exit_code == 2
    assert "may take it for an\nattack" in result.stdout
    assert "nothing is asked without --i-have-permission" in result.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("without", "said"),
    [("--control", "no --control is named"), ("--contact", "--contact must say")],
)
def test_a_control_and_a_contact_are_needed(tmp_path: Path, without: str, said: str) -> None:
    assert said in refused(*argv(tmp_path, without=without))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--control", "control.test"], "is no public IPv4 address"),
        (["--control", "127.7.8.0/24"], "is no public IPv4 address"),
        (["--contact", "x" * 201], "--contact must say"),
        (["--contact", "a\nb"], "--contact must say"),
        (["--method", "tcp"], "--port goes with --method tcp"),
        (["--port", "443"], "--port goes with --method tcp"),
        (["--timeout", "3"], "is too short for --timeout 3"),
        (["--rate", "1"], "are too many for 1 questions a second"),
        (["--exclude", "/nowhere"], "/nowhere cannot be read"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(tmp_path: Path, more: list[str], said: str) -> None:
    assert said in refused(*argv(tmp_path, *more))


def test_private_blocks_are_refused_outside_of_a_lab(tmp_path: Path) -> None:
    said = refused(*argv(tmp_path, without="--allow-private"))
    assert "line 2: 127.7.7.0/24 is private or reserved" in said
    assert "has no /24 that can be judged" in said


def test_a_list_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    words = argv(tmp_path)
    words[2] = tmp_path / "other.csv"
    assert "other.csv cannot be read" in refused(*words)


def test_a_control_that_opted_out_is_not_asked(tmp_path: Path) -> None:
    excluded = tmp_path / "opt-out.txt"
    excluded.write_text("127.7.8.0/24\n")
    assert "is on an exclusion list" in refused(*argv(tmp_path, "--exclude", excluded))


def test_two_probers_do_not_share_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "probing"
    folder.mkdir(parents=True)
    held = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "another prober is at work" in refused(*argv(tmp_path))
    finally:
        os.close(held)


def test_loopback_blocks_are_asked_by_tcp_and_counted(tmp_path: Path) -> None:
    text = LIST + "127.7.9.0/24,1-9,0.9,,,\nnonsense\n"
    result = lampwatch(
        *argv(tmp_path, "--method", "tcp", "--port", "9", "--rounds", "1", "--timeout", "0.1", text=text)
    )
    assert result.exit_code == 0, result.output
    assert "1 of 1 /24s up; 1 of 1 questions answered" in result.stdout
    assert "1 rows are left out; the first, blocks.csv line 4" in result.stderr
    assert "1 of 2 /24s have too few addresses" in result.stderr
    assert list((tmp_path / "data" / "series").glob("*.parquet"))
    assert (tmp_path / "data" / "probing" / "beliefs.json").read_bytes().count(b"127.7.7.") == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_an_interrupt_ends_it_in_one_line(tmp_path: Path, number: signal.Signals, status: int) -> None:
    program = started(*argv(tmp_path, "--method", "tcp", "--port", "9"))
    assert program.stdout is not None
    assert b"/24s up" in program.stdout.readline()
    program.send_signal(number)
    code, _, said = ended(program)
    assert code == status
    assert said.splitlines()[-1].startswith("lampwatch: interrupted")
    assert "Traceback" not in said


def test_what_is_known_survives_and_a_damaged_file_is_put_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = Memory(5, {"198.18.1.0/24": Standing(1.0, 2.0, position=7)})
    remembered(tmp_path, known)
    assert recalled(tmp_path, 1) == known
    (tmp_path / "beliefs.json").write_bytes(b"{")
    assert recalled(tmp_path, 1) == Memory(1, {})
    assert "is damaged" in capsys.readouterr().err
    assert (tmp_path / "beliefs.damaged").read_bytes() == b"{"
