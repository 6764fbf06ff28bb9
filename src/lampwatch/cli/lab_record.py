"""A recording made in labs, shown while it goes on, held against its script, and written to a file."""

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import click
import msgspec
import zstandard
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lampwatch import __version__
from lampwatch.cli.lab_errand import errand_command
from lampwatch.lab.errors import LabError
from lampwatch.lab.recording import in_order, mistakes, record, rounds_of
from lampwatch.lab.run import Services
from lampwatch.lab.script import Script
from lampwatch.lab.steps import Steps, write_durably
from lampwatch.model.errors import UserError
from lampwatch.model.verdict import Verdict

_TIMEOUTS: Final = 0.25
"""What a censor drops costs a whole timeout; these are long enough for the slowest path of a lab."""
_HOURS: Final = re.compile(r"(\d{1,5})-(\d{1,5})")
_LEVEL: Final = 19
_WINDOW_LOG: Final = 24
"""16 MB: what one network showed is near enough to be referred to when the next one shows the same."""
_SHOWN: Final = 20

Judge = Callable[[bytes], Sequence[Verdict]]


class Span(msgspec.Struct, frozen=True):
    """From an hour of a script to another."""

    begins: float
    ends: float


def span_of(text: str, script: Script) -> Span:
    """The hours that an option names, as 30-48; all of the script where it is empty. Raises UserError."""
    if not text:
        return Span(0, script.hours)
    found = _HOURS.fullmatch(text)
    span = Span(float(found[1]), float(found[2])) if found else Span(0, 0)
    if not span.begins < span.ends <= script.hours:
        raise UserError(
            f"{text!r} is no part of a recording of {script.hours:.0f} hours; write it as --hours 30-48"
        )
    return span


def check_folder(out: Path) -> None:
    """Raise UserError where a file cannot be made: better before a recording than after it."""
    if not (out.parent.is_dir() and os.access(out.parent, os.W_OK)):
        raise UserError(f"nothing can be written into {out.parent}; name another file with --out")


def steps_beside(out: Path, script: Script, span: Span) -> Steps:
    """Where finished steps are kept until the file can be written: a folder beside it. Raises UserError."""
    plan = hashlib.sha256(repr(script).encode()).hexdigest()
    work = f"lampwatch {__version__}, hours {span.begins:g} to {span.ends:g} of the script {plan}"
    return Steps(out.with_name(f"{out.name}.steps"), work)


def recorded(script: Script, span: Span, steps: Steps, *, parallel: int, services: Services) -> list[bytes]:
    """Record a part of a script, with a bar to show how far it is; its measurements, in the order of time.

    Raises KeyboardInterrupt with what is kept and how to go on, and LabError likewise.
    """
    console = Console(stderr=True)
    shown = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("rounds"),
        TimeElapsedColumn(), console=console, disable=not console.is_terminal,
    )  # fmt: skip
    documents: list[bytes] = []
    making = record(
        script,
        begins=span.begins,
        ends=span.ends,
        parallel=parallel,
        errand_command=errand_command,
        services=services,
        timeouts=_TIMEOUTS,
        steps=steps,
    )
    try:
        with closing(making), shown:
            bar = shown.add_task("recording", total=rounds_of(script, span.begins, span.ends))
            for made in making:
                documents += made.documents
                shown.update(bar, advance=made.rounds, description=made.network.name)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_what_next(steps)) from None
    except LabError as error:
        raise UserError(f"the recording broke off: {error}; {_what_next(steps)}") from error
    return in_order(documents)


def _what_next(steps: Steps) -> str:
    if not steps.documents:
        return "nothing was finished yet, and the same command begins anew"
    kept = f"{steps.documents} measurements are kept in {steps.folder}"
    return f"{kept}; run the same command again to go on from there"


def written(out: Path, documents: Sequence[bytes]) -> int:
    """Write measurements to a file in the place of any before it, packed; its size in bytes. Raises UserError."""
    settings = zstandard.ZstdCompressionParameters.from_level(
        _LEVEL, window_log=_WINDOW_LOG, enable_ldm=True, write_checksum=True
    )
    packed = zstandard.ZstdCompressor(compression_params=settings).compress(
        b"".join(document + b"\n" for document in documents)
    )
    write_durably(out, packed)
    return len(packed)


def checked(script: Script, documents: Sequence[bytes], judge: Judge) -> bool:
    """Hold all verdicts against the script, and tell; whether every one is the truth."""
    wrong = [line for document in documents for line in mistakes(script, document, judge(document))]
    for line in wrong[:_SHOWN]:
        click.echo(f"    {line}")
    if len(wrong) > _SHOWN:
        click.echo(f"    and {len(wrong) - _SHOWN} more")
    click.echo(
        f"{len(wrong)} verdicts depart from the script" if wrong else "all verdicts tell what the script did"
    )
    return not wrong
