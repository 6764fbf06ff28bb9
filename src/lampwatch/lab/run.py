"""Runs scenarios: a fresh lab for each, the real probe in it, and its measurement judged and held against the truth."""

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from typing import Final, TypeAlias

import msgspec

from lampwatch.lab import truth, view
from lampwatch.lab.errors import LabError
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.view import LabView
from lampwatch.lab.wire import Ran
from lampwatch.model.verdict import Verdict

ProbeCommand: TypeAlias = Callable[[LabView, Measure], Sequence[str]]
ServiceCommand: TypeAlias = Callable[[LabView, str, int], Sequence[str]]
"""What starts a service that shall listen at an address and port."""
Judge: TypeAlias = Callable[[bytes], Sequence[Verdict]]

_PROBE_S: Final = 90.0
"""A probe with short timeouts that takes so long hangs."""
_COMPLAINT: Final = 400


class Services(msgspec.Struct, frozen=True):
    """The commands of what must run outside: the control, and the collector where a scenario wants one."""

    control: ServiceCommand | None = None
    collector: ServiceCommand | None = None


class Outcome(msgspec.Struct, frozen=True):
    """How a scenario went. mistakes is empty where the truth was told, every block fired, and the control name worked.

    documents are the measurements as the probe printed them; seconds are those of the whole run.
    """

    scenario: Scenario
    verdicts: tuple[Verdict, ...]
    mistakes: tuple[str, ...]
    fired: tuple[int, ...]
    documents: tuple[bytes, ...]
    seconds: float

    @property
    def right(self) -> bool:
        """Whether nothing was wrong."""
        return not self.mistakes


def run(
    scenario: Scenario, sandbox: Sandbox, *, probe_command: ProbeCommand, services: Services, judge: Judge
) -> Outcome:
    """Run one scenario in a sandbox, in the place of whatever lab it held.

    probe_command gives the probe's command line; it must print measurements in the OONI format, one JSON document a
    line. Raises LabError where the lab itself failed.
    """
    begun = time.monotonic()
    built = msgspec.structs.replace(sandbox.build(scenario.stage), timeouts=scenario.timeouts)
    start_services(sandbox, scenario, built, services)
    probed = sandbox.run(probe_command(built, scenario.question), timeout_s=_PROBE_S)
    fired = sandbox.fired()
    unreachable = sandbox.fetch(scenario.control) if scenario.control else ""
    documents = tuple(line for line in probed.stdout.splitlines() if line.startswith(b"{"))
    verdicts = tuple(verdict for document in documents for verdict in judge(document))
    mistakes = [
        *_probe_mistakes(probed, documents),
        *(truth.mistakes(scenario.truth, verdicts) if documents else ()),
        *_censor_mistakes(scenario, fired),
        *([f"{scenario.control} is not reachable: {unreachable}"] if unreachable else []),
    ]
    return Outcome(scenario, verdicts, tuple(mistakes), fired, documents, time.monotonic() - begun)


def start_services(sandbox: Sandbox, scenario: Scenario, built: LabView, services: Services) -> None:
    """Start the control, where the scenario's world has one, and the collector."""
    wanted = (
        (services.control if scenario.world.control else None, view.CONTROL_ADDRESS),
        (services.collector, view.COLLECTOR_ADDRESS),
    )
    for command, address in wanted:
        if command is not None:
            sandbox.start(command(built, address, view.SERVICE_PORT), address, view.SERVICE_PORT)


def _probe_mistakes(probed: Ran, documents: Sequence[bytes]) -> list[str]:
    if probed.status == 0 and documents:
        return []
    complaint = " ".join(probed.stderr.decode(errors="replace").split())[-_COMPLAINT:]
    return [f"the probe ended with status {probed.status} and {len(documents)} documents: {complaint}"]


def _censor_mistakes(scenario: Scenario, fired: Sequence[int]) -> list[str]:
    found = []
    for number, (block, count) in enumerate(zip(scenario.censor, fired, strict=True)):
        what = f"{type(block.match).__name__} {type(block.action).__name__} at router {block.hop}"
        if number in scenario.untouched and count:
            found.append(f"{what} fired {count} times, and should not have been met")
        elif number not in scenario.untouched and not count:
            found.append(f"{what} never fired")
    return found


def run_all(
    scenarios: Sequence[Scenario],
    *,
    parallel: int,
    probe_command: ProbeCommand,
    services: Services,
    judge: Judge,
    begun: Callable[[Scenario], None] | None = None,
) -> Generator[Outcome]:
    """Run many scenarios in so many sandboxes at once; outcomes come as they are reached.

    begun is told of each that begins, in a thread of its own. A lab that fails is an Outcome with that mistake.
    Leaving the iterator early ends what is going on.
    """
    waiting: queue.SimpleQueue[Scenario] = queue.SimpleQueue()
    for scenario in scenarios:
        waiting.put(scenario)
    reached: queue.SimpleQueue[Outcome] = queue.SimpleQueue()

    def work(sandbox: Sandbox) -> None:
        while True:
            try:
                scenario = waiting.get_nowait()
            except queue.Empty:
                return
            if begun is not None:
                begun(scenario)
            began = time.monotonic()
            try:
                outcome = run(scenario, sandbox, probe_command=probe_command, services=services, judge=judge)
            except LabError as error:
                outcome = Outcome(
                    scenario, (), (f"the lab failed: {error}",), (), (), time.monotonic() - began
                )
            reached.put(outcome)

    with ExitStack() as sandboxes:
        workers = [
            threading.Thread(target=work, args=[sandboxes.enter_context(Sandbox())], daemon=True)
            for _ in range(min(parallel, len(scenarios)))
        ]
        for worker in workers:
            worker.start()
        for _ in scenarios:
            yield reached.get()
