"""Puts a prober together from its options, and shows how it goes on."""

import asyncio
import datetime as dt
import secrets
import signal
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Final

import click
import msgspec

from lampwatch.cli.place import utc_now
from lampwatch.cli.series_probe_kept import remembered
from lampwatch.model.errors import UserError
from lampwatch.model.series import Values
from lampwatch.probe.clock import SystemClock
from lampwatch.signals.probing.belief import MOST_PROBES
from lampwatch.signals.probing.consent import greeting
from lampwatch.signals.probing.exclusions import Exclusions, read_exclusions
from lampwatch.signals.probing.icmp import EchoAsker, echo_socket
from lampwatch.signals.probing.memory import Memory
from lampwatch.signals.probing.playing import Asker
from lampwatch.signals.probing.rounds import Rhythm
from lampwatch.signals.probing.session import ENDING_TIMEOUTS, Plan, Session, Told
from lampwatch.signals.probing.targets import Block, may_be_asked, read_targets
from lampwatch.signals.probing.tcp import TcpAsker
from lampwatch.store.series import SeriesStore

SERIES_FOLDER: Final = "series"
_LONGEST_CONTACT: Final = 200
_SHOWN_BLOCKS: Final = 8
_CHECKS: Final = 20
"""So often in a round the controls are looked at, beside its beginning and its end."""
_ROOM: Final = 0.7
"""One question to each block may take up so much of what the rate allows: silent ones are asked again."""


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for."""

    listed: Path
    controls: tuple[str, ...]
    contact: str
    exclude: tuple[Path, ...]
    method: str
    port: int | None
    rate: float
    block_rate: float
    timeout_s: float
    round_s: int
    seed: int | None
    allow_private: bool


class Runner:
    """Puts a session together, and shows how it goes on."""

    def __init__(self, wishes: Wishes, plan: Plan, data: Path, folder: Path, *, as_json: bool) -> None:
        """Series go into the data directory, beliefs into the prober's own folder."""
        self._wishes = wishes
        self._plan = plan
        self._folder = folder
        self._store = SeriesStore(data / SERIES_FOLDER, clock=utc_now)
        self._as_json = as_json

    async def run(self, memory: Memory, rounds: int | None) -> None:
        """Run rounds; a polite kill ends them as Ctrl-C does."""
        running = asyncio.current_task()
        assert running is not None  # noqa: S101  asyncio.run made it
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
        with ExitStack() as held:
            session = Session(
                self._plan,
                _asker(self._wishes, held),
                SystemClock(),
                memory=memory,
                exclusions=lambda: _exclusions(self._wishes),
                keep=self._keep,
                remember=lambda now: remembered(self._folder, now),
                tell=self._tell,
            )
            click.echo(f"lampwatch: the first round begins at {_time(session.begins_s)} UTC", err=True)
            await session.run(rounds)

    def _keep(self, batches: Sequence[Values]) -> None:
        try:
            self._store.append(batches)
        except OSError as error:
            raise UserError(
                f"the series cannot be written: {error.strerror}; make room, and run the command again"
            ) from error

    def _tell(self, told: Told) -> None:
        click.echo(msgspec.json.encode(told) if self._as_json else _line(told))


def plan_of(wishes: Wishes) -> Plan:
    """What is asked, and how fast. Raises UserError where that cannot be done, or not with decency."""
    _check(wishes)
    targets = read_targets(_bytes(wishes.listed), wishes.listed.name, allow_private=wishes.allow_private)
    if targets.malformed:
        first = targets.malformed[0]
        _note(
            f"{len(targets.malformed)} rows are left out; the first, {wishes.listed.name} line {first.line}: "
            f"{first.reason}"
        )
    blocks, excluded = targets.judged, _exclusions(wishes)
    if left := len(targets.blocks) - len(blocks):
        _note(
            f"{left} of {len(targets.blocks)} /24s have too few addresses, or answer too rarely, to be judged"
        )
    if not blocks:
        raise UserError(
            f"{wishes.listed} has no /24 that can be judged; see `lampwatch series probe` in the docs"
        )
    for control in wishes.controls:
        if not may_be_asked(control, allow_private=wishes.allow_private) or "/" in control:
            raise UserError(
                f"--control {control[:60]} is no public IPv4 address; name one that always answers"
            )
        if excluded.names(control):
            raise UserError(f"--control {control} is on an exclusion list; name another")
    allowed = wishes.rate * (wishes.round_s - ENDING_TIMEOUTS * wishes.timeout_s)
    if len(blocks) > allowed * _ROOM:
        raise UserError(
            f"{len(blocks)} /24s are too many for {wishes.rate:g} questions a second in rounds of {wishes.round_s} s; "
            "shorten the list, or ask faster where you may (--rate)"
        )
    if len(blocks) * MOST_PROBES > allowed:
        _note(
            f"if all went down at once, the rate would allow {allowed / len(blocks):.1f} questions a /24 in a round, "
            f"and not {MOST_PROBES}: that would be found late"
        )
    rhythm = Rhythm(spacing_s=1 / wishes.block_rate, check_every_s=wishes.round_s / _CHECKS)
    return Plan(
        blocks=_in_order(blocks, wishes.seed or 0),
        controls=wishes.controls,
        rate=wishes.rate,
        rhythm=rhythm,
        round_s=wishes.round_s,
        timeout_s=wishes.timeout_s,
    )


def _check(wishes: Wishes) -> None:
    """Hold options against each other."""
    if not wishes.controls:
        raise UserError(
            "no --control is named, and without one a failure of your own network would look like an outage; "
            "name addresses that always answer"
        )
    if (
        not wishes.contact.strip()
        or len(wishes.contact) > _LONGEST_CONTACT
        or not wishes.contact.isprintable()
    ):
        raise UserError(
            f"--contact must say, in 1 to {_LONGEST_CONTACT} characters, where one learns who asks and how to opt out"
        )
    if (wishes.method == "tcp") != (wishes.port is not None):
        raise UserError("--port goes with --method tcp; give both, or neither")
    if wishes.round_s < 2 * ENDING_TIMEOUTS * wishes.timeout_s:
        raise UserError(
            f"--round {wishes.round_s} is too short for --timeout {wishes.timeout_s:g}; "
            f"it must be {2 * ENDING_TIMEOUTS} times as long"
        )


def _in_order(blocks: Sequence[Block], seed: int) -> list[Block]:
    """The blocks in an order that asks no network all at once; the same in every round, so that none waits longer."""
    found = list(blocks)
    Random(seed).shuffle(found)  # noqa: S311  an order that can be repeated, and no secret
    return found


def _asker(wishes: Wishes, held: ExitStack) -> Asker:
    if wishes.port is not None:
        return TcpAsker(wishes.port, timeout_s=wishes.timeout_s)
    return held.enter_context(
        EchoAsker(
            echo_socket(),
            timeout_s=wishes.timeout_s,
            greeting=greeting(wishes.contact.strip()),
            random_bytes=secrets.token_bytes,
        )
    )


def _exclusions(wishes: Wishes) -> Exclusions:
    return Exclusions(
        network
        for path in wishes.exclude
        for network in read_exclusions(_bytes(path).decode("utf-8", "replace"), str(path))
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; name another") from error


def _line(told: Told) -> str:
    if told.gap:
        return f"{_time(told.start_s)}  a gap: {told.gap}"
    counts = told.counts
    parts = [f"{counts.up} of {counts.measured} /24s up"]
    if counts.uncertain:
        parts.append(f"{counts.uncertain} uncertain, which keep their state")
    if counts.unknown:
        parts.append(f"{counts.unknown} more unknown")
    parts.append(f"{told.answered} of {told.probes} questions answered")
    for verb, names in (("down now", told.went_down), ("back", told.came_back)):
        if names:
            more = f" and {len(names) - _SHOWN_BLOCKS} more" if len(names) > _SHOWN_BLOCKS else ""
            parts.append(f"{verb}: {', '.join(names[:_SHOWN_BLOCKS])}{more}")
    return f"{_time(told.start_s)}  {'; '.join(parts)}"


def _time(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%H:%M:%S}"


def _note(text: str) -> None:
    click.echo(f"note: {text}", err=True)
