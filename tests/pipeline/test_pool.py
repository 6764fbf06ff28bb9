import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from lampwatch.judge.references import NO_REFERENCES
from lampwatch.pipeline.kernel import Kernel, RawLine, Worked
from lampwatch.pipeline.methods import by_test_name, discover
from lampwatch.pipeline.pool import Job, worked
from tests.pipeline.making import RECIPE, mixed_lines, split, told

LINES = mixed_lines()
ONE_BY_ONE = [Job(batch, (), number) for number, batch in enumerate(split(LINES, 20))]


def outcome(workers: int) -> list[tuple[int, bytes, dict[str, list[dict[str, Any]]]]]:
    return [
        (number, done.archive, told([done.tables]))
        for number, done in worked(RECIPE, ONE_BY_ONE, workers=workers)
    ]


@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_gives_the_same_results_in_the_same_order(workers: int) -> None:
    alone = outcome(1)
    assert [number for number, _, _ in alone] == list(range(len(ONE_BY_ONE)))
    assert outcome(workers) == alone


def test_a_slow_batch_is_waited_for_and_not_overtaken() -> None:
    jobs = [Job(LINES * 10, (), "slow"), Job(LINES[:1], (), "quick"), Job([], (), "empty")]
    assert [about for about, _ in worked(RECIPE, jobs, workers=2)] == ["slow", "quick", "empty"]


def test_only_a_few_batches_are_under_way() -> None:
    taken = 0

    def jobs() -> Iterator[Job[int]]:
        nonlocal taken
        for number in range(30):
            taken += 1
            yield Job(LINES[:1], (), number)

    results = as_generator(worked(RECIPE, jobs(), workers=2))
    next(results)
    assert taken <= 5
    results.close()


def test_leaving_early_leaves_no_process_behind() -> None:
    results = as_generator(worked(RECIPE, iter(ONE_BY_ONE), workers=2))
    next(results)
    children = _children()
    assert len(children) >= 2
    results.close()
    assert _children() < children


def test_one_worker_is_this_process_with_the_kernel_at_hand() -> None:
    class Counting(Kernel):
        used = 0

        def work(self, lines: Any, asides: Any = ()) -> Any:
            self.used += 1
            return super().work(lines, asides)

    own = Counting(by_test_name(discover()), NO_REFERENCES)
    results = list(worked(RECIPE, ONE_BY_ONE, workers=1, here=lambda: own))
    assert own.used == len(results) == len(ONE_BY_ONE)


def test_no_jobs_give_no_results() -> None:
    assert list(worked(RECIPE, [], workers=2)) == []


def test_a_source_that_fails_ends_the_run_with_its_own_error() -> None:
    def jobs() -> Iterator[Job[int]]:
        yield Job([RawLine(LINES[0].raw, "a", 1)], (), 1)
        message = "the disk is gone"
        raise OSError(message)

    with pytest.raises(OSError, match="the disk is gone"):
        list(worked(RECIPE, jobs(), workers=2))


def as_generator(results: Iterator[tuple[int, Worked]]) -> Generator[tuple[int, Worked]]:
    """What can be left early."""
    assert isinstance(results, Generator)
    return results


def _children() -> set[int]:
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    return {int(pid) for pid in children.split()}
