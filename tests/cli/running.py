"""Lampwatch as its users run it: in this process where only words matter, as a program where processes do."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from click.testing import CliRunner, Result

from lampwatch.cli import main
from lampwatch.cli.settings import SETTINGS
from tests.stories.writer import documents

PROGRAM = Path(sys.executable).with_name("lampwatch")
"""As it is installed beside the Python that runs the tests."""
_UNSET = tuple(setting.envvar for setting in SETTINGS)
LONG_S = 120
"""No test takes so long: a program that has not ended by then hangs."""


def lampwatch(*arguments: object, stdin: bytes = b"", **environment: str) -> Result:
    """One command, in this process."""
    env: dict[str, str | None] = {**dict.fromkeys(_UNSET), "COLUMNS": "240", **environment}
    return CliRunner(env=env).invoke(main, [str(argument) for argument in arguments], input=stdin)


def said(*arguments: object, **more: Any) -> str:
    """What a command that must succeed prints."""
    result = lampwatch(*arguments, **more)
    assert result.exit_code == 0, result.output + repr(result.exception)
    return str(result.stdout)


def started(*arguments: object, **more: Any) -> "subprocess.Popen[bytes]":
    """One command as a program, with pipes to read from, at the head of a process group of its own."""
    environment = {name: value for name, value in os.environ.items() if name not in _UNSET}
    return subprocess.Popen(
        [PROGRAM, *[str(argument) for argument in arguments]],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        **more,
    )


def ended(program: "subprocess.Popen[bytes]") -> tuple[int, str, str]:
    """How a program ended: its status, and what it printed on both streams."""
    with program:
        out, err = program.communicate(timeout=LONG_S)
    return program.returncode, out.decode(), err.decode()


def killed(program: "subprocess.Popen[bytes]") -> None:
    """Kill a program without a word, and then whatever it may have left behind."""
    with program:
        program.kill()
        program.wait(timeout=LONG_S)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)


def ran(*arguments: object) -> tuple[int, str, str]:
    """One command as a program, to its end."""
    return ended(started(*arguments))


@contextlib.contextmanager
def serving(*arguments: object) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A program of ours that serves, and its address, taken from what it prints."""
    program = started(*arguments)
    assert program.stdout is not None
    try:
        for line in program.stdout:
            match = re.search(rb"http://\S+?:\d+/", line)
            if match:
                yield program, match[0].decode()
                return
        assert program.stderr is not None
        raise AssertionError(program.stderr.read().decode())
    finally:
        program.kill()
        with program:
            program.wait(timeout=LONG_S)


def rows(data: Path, *filters: object) -> list[dict[str, Any]]:
    """The stored verdicts as `verdicts --format jsonl` gives them, in one order."""
    lines = said("verdicts", "--data", data, "--format", "jsonl", *filters).splitlines()
    return sorted(
        (json.loads(line) for line in lines), key=lambda row: (row["measurement_uid"], row["target"])
    )


@cache
def _told() -> Sequence[bytes]:
    """Written once a run: they are always the same."""
    return [document for _, document in documents()]


def example_lines() -> list[bytes]:
    """Documents of every kind, as the stories tell them."""
    return list(_told())


@cache
def _halves() -> Sequence[tuple[bytes, bytes]]:
    """Each example document in two, so that a number can be put between them."""
    marker = b'"report_id":"'
    return [
        (before + marker, after) for before, _, after in (line.partition(marker) for line in example_lines())
    ]


def many(count: int, *, first: int = 0) -> Iterator[bytes]:
    """So many different documents, the stories again and again under other report ids."""
    halves = _halves()
    for number in range(first, first + count):
        before, after = halves[number % len(halves)]
        yield before + b"%d_" % number + after


def web_document(**changes: object) -> dict[str, Any]:
    """A web measurement of the stories, with some of its fields changed."""
    read = (json.loads(line) for line in example_lines())
    found: dict[str, Any] = next(d for d in read if d["test_name"] == "web_connectivity")
    return found | changes


def written(path: Path, lines: Iterable[bytes]) -> Path:
    """A file with these lines."""
    with path.open("wb") as file:
        file.writelines(line + b"\n" for line in lines)
    return path


def encoded(document: object) -> bytes:
    """One document on one line."""
    return msgspec.json.encode(document)
