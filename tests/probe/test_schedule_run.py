import asyncio
import datetime as dt
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any

import pytest

from lampwatch.model.errors import UserError
from lampwatch.probe.budget import Budget
from lampwatch.probe.schedule import Pace, Schedule, Task, entry, services
from lampwatch.probe.schedule_run import Run
from lampwatch.probe.spool import Spool
from lampwatch.probe.spool_worth import Seen
from tests.probe.spooling import StandingClock, contents, spool_at


class Heard:
    """Remembers what a run told."""

    def __init__(self) -> None:
        self.begun_: list[str] = []
        self.ended_: list[tuple[str, str]] = []
        self.broke_: list[tuple[str, str]] = []

    def begun(self, task: Task) -> None:
        self.begun_.append(task.about)

    def ended(self, task: Task, seen: Seen) -> None:
        self.ended_.append((task.about, seen.outcome))

    def broke(self, task: Task, why: str) -> None:
        self.broke_.append((task.about, why))


def schedule(clock: StandingClock, pace: Pace, *, urls: int = 4) -> Schedule:
    entries = [entry("web_connectivity", f"https://{n}.example/") for n in range(urls)]
    now_s = (clock.utc() - StandingClock().utc()).total_seconds() + 20_000 * 86_400
    return Schedule(
        [*entries, *services(["telegram"])], pace, Budget(), random=Random(1), now_s=now_s, spent=(0, 0)
    )


def measured(task: Task, failure: str | None = None) -> bytes:
    return json.dumps(
        {"test_name": task.method, "input": task.input, "test_keys": {"failure": failure}}
    ).encode()


def ran(
    folder: Path,
    measure: Callable[[Task], Coroutine[Any, Any, bytes]],
    pace: Pace,
    heard: Heard | None = None,
) -> list[dict[str, Any]]:
    clock = StandingClock()
    with spool_at(folder, clock) as spool:
        run = Run(schedule(clock, pace), measure, spool, clock=clock, watcher=heard or Heard())
        asyncio.run(run.to_its_end())
        return [json.loads(content) for content in contents(spool)]


async def well(task: Task) -> bytes:
    await asyncio.sleep(0)
    return measured(task)


def test_every_measurement_of_a_run_is_in_the_spool(tmp_path: Path) -> None:
    heard = Heard()
    found = ran(tmp_path, well, Pace(once=True), heard)
    assert sorted(one["input"] for one in found) == ["", *[f"https://{n}.example/" for n in range(4)]]
    assert sorted(heard.begun_) == sorted(name for name, _ in heard.ended_)


def test_no_more_run_at_once_than_allowed(tmp_path: Path) -> None:
    running: list[int] = [0]
    most: list[int] = [0]

    async def counted(task: Task) -> bytes:
        running[0] += 1
        most[0] = max(most[0], running[0])
        for _ in range(5):
            await asyncio.sleep(0)
        running[0] -= 1
        return measured(task)

    assert len(ran(tmp_path, counted, Pace(once=True, parallel=2))) == 5
    assert most[0] == 2


@pytest.mark.parametrize("broken", [b"no document", None])
def test_a_method_that_breaks_costs_no_other_its_measurement(tmp_path: Path, broken: bytes | None) -> None:
    async def breaks_once(task: Task) -> bytes:
        if task.method == "telegram":
            if broken is not None:
                return broken
            message = "a fault of ours"
            raise RuntimeError(message)
        return measured(task)

    heard = Heard()
    assert len(ran(tmp_path, breaks_once, Pace(once=True), heard)) == 4
    assert [name for name, _ in heard.broke_] == ["telegram"]


def test_a_full_disk_ends_the_run_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> str:
        raise UserError("the spool cannot be written: database or disk is full; make room on its disk")

    monkeypatch.setattr(Spool, "put", full)
    with pytest.raises(UserError, match="disk is full"):
        ran(tmp_path, well, Pace(once=True))


def test_what_was_measured_before_an_interruption_is_kept(tmp_path: Path) -> None:
    clock, heard = StandingClock(), Heard()

    async def hangs_at_the_third(task: Task) -> bytes:
        if len(heard.begun_) > 2:
            third.set()
            await asyncio.Event().wait()
        return measured(task)

    async def interrupted(spool: Spool) -> None:
        run = Run(
            schedule(clock, Pace(once=True, parallel=1)),
            hangs_at_the_third,
            spool,
            clock=clock,
            watcher=heard,
        )
        running = asyncio.create_task(run.to_its_end())
        await third.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    third = asyncio.Event()
    with spool_at(tmp_path, clock) as spool:
        asyncio.run(interrupted(spool))
        assert spool.waiting().documents == 2


def test_a_change_is_worth_more_than_what_repeats(tmp_path: Path) -> None:
    outcomes = {"telegram": [None, None, "eof_error"]}

    async def changes(task: Task) -> bytes:
        return measured(task, outcomes[task.method].pop(0)) + b" " * len(outcomes[task.method])

    clock = StandingClock()
    with spool_at(tmp_path, clock) as spool:
        for _ in range(3):
            once = Schedule(
                services(["telegram"]), Pace(once=True), Budget(), random=Random(1), now_s=20_000 * 86_400
            )
            asyncio.run(Run(once, changes, spool, clock=clock, watcher=Heard()).to_its_end())
        failures = [json.loads(content)["test_keys"]["failure"] for content in contents(spool)]
        worths = [row[0] for row in spool._file.execute("SELECT worth FROM document ORDER BY number")]
    assert failures == ["eof_error", None, None]
    assert worths == [1, 0, 3]


def test_a_run_without_end_waits_for_what_is_due(tmp_path: Path) -> None:
    clock = StandingClock()
    with spool_at(tmp_path, clock) as spool:
        standing = services(["telegram"])
        run = Run(
            Schedule(
                standing,
                Pace(limit=3),
                Budget(),
                random=Random(1),
                now_s=clock.utc().timestamp(),
            ),
            well,
            spool,
            clock=clock,
            watcher=Heard(),
        )
        asyncio.run(run.to_its_end())
        assert sum(clock.slept) > 1.8 * 3600


def failing(*, but: str = "") -> Callable[[Task], Coroutine[Any, Any, bytes]]:
    """Measurements in which no step works, but those of one method."""

    async def measure(task: Task) -> bytes:
        failure = None if task.method == but else "generic_timeout_error"
        await asyncio.sleep(0)
        return json.dumps(
            {"test_name": task.method, "test_keys": {"tcp_connect": [{"status": {"failure": failure}}]}}
        ).encode()

    return measure


def looked_for_what_is_left(folder: Path, measure: Callable[[Task], Coroutine[Any, Any, bytes]]) -> list[str]:
    """The methods that ran, in order, where connectivity had just been measured."""
    clock, heard = StandingClock(), Heard()
    now_s = clock.utc().replace(tzinfo=dt.UTC).timestamp()
    entries = [entry("web_connectivity", f"https://{n}.example/", every_s=3600.0) for n in range(2000)]
    pace = Pace(parallel=1, limit=6, site_gap_s=0.0)
    planned = Schedule(
        [*entries, *services(["connectivity"])],
        pace,
        Budget(measurements=100_000),
        random=Random(1),
        now_s=now_s,
        last={"connectivity": now_s},
    )
    with spool_at(folder, clock) as spool:
        asyncio.run(Run(planned, measure, spool, clock=clock, watcher=heard).to_its_end())
    return [name.split()[0] for name in heard.begun_]


def test_where_nothing_works_three_times_in_a_row_the_probe_looks_for_what_is_left(tmp_path: Path) -> None:
    assert looked_for_what_is_left(tmp_path, failing())[:4] == [*["web_connectivity"] * 3, "connectivity"]


def test_where_something_works_the_probe_goes_on_by_its_schedule(tmp_path: Path) -> None:
    begun = looked_for_what_is_left(tmp_path, failing(but="web_connectivity"))
    assert begun[:4] == ["web_connectivity"] * 4
