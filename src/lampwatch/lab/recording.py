"""Records a script: a lab for each network, the censor switched as it says, the real probe at every hour of it."""

import contextlib
import datetime as dt
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Final, TypeAlias

import msgspec

from lampwatch.lab import view
from lampwatch.lab.errors import LabError
from lampwatch.lab.run import Services
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Measure
from lampwatch.lab.script import Network, Script, Stretch
from lampwatch.lab.steps import Steps
from lampwatch.lab.view import LabView
from lampwatch.model.verdict import Verdict

ANNOTATION: Final = "lab_recording"
LABEL: Final = "recorded in Lampwatch's own laboratory, on no real network; says nothing about the world"
_ROUND_S: Final = 180.0
"""A round that takes so long hangs: throttled downloads are the longest part of one, and take half a minute."""
_COMPLAINT: Final = 400
_MOST_ROUNDS: Final = 5
"""Rounds of one step: so much is lost at most where a recording is broken off, a minute's work."""
_TIME: Final = "%Y-%m-%d %H:%M:%S"


class DatedRound(msgspec.Struct, frozen=True):
    """Measurements to make at once, and the time (UTC without a zone) at which they shall have begun."""

    at: dt.datetime
    questions: tuple[Measure, ...]


class Errand(msgspec.Struct, frozen=True):
    """What the probe is sent into a lab with: what to write about itself, where everything is, which rounds to make."""

    country: str
    asn: int
    network_name: str
    annotations: dict[str, str]
    lab: LabView
    rounds: tuple[DatedRound, ...]


ErrandCommand: TypeAlias = Callable[[Errand], Sequence[str]]
"""The command line of the real probe, which makes the rounds in order and prints their measurements, one a line."""


class Recorded(msgspec.Struct, frozen=True):
    """One step, some of a network's rounds, with the measurements as the probe printed them."""

    network: Network
    rounds: int
    documents: tuple[bytes, ...]


def rounds_of(script: Script, begins: float, ends: float) -> int:
    """How many rounds of all networks begin between two hours."""
    return sum(
        len(stretch.rounds)
        for network in script.networks
        for stretch in script.stretches(network, begins, ends)
    )


def record(
    script: Script,
    *,
    begins: float,
    ends: float,
    parallel: int,
    errand_command: ErrandCommand,
    services: Services,
    timeouts: float,
    steps: Steps,
) -> Generator[Recorded]:
    """Record all rounds between two hours, so many networks at once; steps come as they are made.

    Each is kept before it comes; those that were kept before come first, without a lab. Raises LabError where a lab or
    the probe fails. Leaving the iterator early ends what is going on.
    """
    waiting: queue.SimpleQueue[Network] = queue.SimpleQueue()
    for network in script.networks:
        waiting.put(network)
    made: queue.SimpleQueue[Recorded | Exception | None] = queue.SimpleQueue()

    def work(sandbox: Sandbox) -> None:
        try:
            with contextlib.suppress(queue.Empty):
                while True:
                    recorder = _Recorder(script, waiting.get_nowait(), sandbox, errand_command, timeouts)
                    for recorded in recorder.all_recorded(begins, ends, services, steps):
                        made.put(recorded)
        except Exception as error:  # noqa: BLE001  raised where the recording is waited for
            made.put(error)
        made.put(None)

    workers = min(parallel, len(script.networks))
    with ExitStack() as sandboxes:
        for _ in range(workers):
            sandbox = sandboxes.enter_context(Sandbox())
            threading.Thread(target=work, args=[sandbox], name="lab recording", daemon=True).start()
        left = workers
        while left:
            found = made.get()
            if isinstance(found, Exception):
                raise found
            if found is None:
                left -= 1
            else:
                yield found


class _Recorder:
    """One network's lab, built when it is needed."""

    def __init__(
        self, script: Script, network: Network, sandbox: Sandbox, command: ErrandCommand, timeouts: float
    ) -> None:
        self._script = script
        self._network = network
        self._sandbox = sandbox
        self._command = command
        self._timeouts = timeouts

    def all_recorded(
        self, begins: float, ends: float, services: Services, steps: Steps
    ) -> Iterator[Recorded]:
        """All steps between two hours, in order; what is kept already is not made again."""
        stretches = self._script.stretches(self._network, begins, ends)
        switches: list[tuple[int, bool]] = []
        built: LabView | None = None
        for number, step in enumerate(part for stretch in stretches for part in _parts(stretch)):
            name = f"AS{self._network.asn}-{number:03}"
            # What was switched for steps that are kept must be switched before the next one all the same.
            switches += step.switches
            documents = steps.kept(name, sum(len(one.questions) for one in step.rounds))
            if documents is None:
                built = built or self._built(services)
                for block, on in switches:
                    self._sandbox.switch(block, on=on)
                switches.clear()
                documents = self._made(built, step)
                steps.keep(name, documents)
            yield Recorded(self._network, len(step.rounds), documents)

    def _built(self, services: Services) -> LabView:
        """A lab with the control outside."""
        built = msgspec.structs.replace(
            self._sandbox.build(self._script.stage(self._network)),
            timeouts=self._timeouts,
            asn=self._network.asn,
            country=self._script.country,
        )
        if services.control is not None:
            argv = services.control(built, view.CONTROL_ADDRESS, view.SERVICE_PORT)
            self._sandbox.start(argv, view.CONTROL_ADDRESS, view.SERVICE_PORT)
        return built

    def _made(self, built: LabView, step: Stretch) -> tuple[bytes, ...]:
        """The measurements of all rounds of a step."""
        dated = [DatedRound(self._script.time(one.hour), one.questions) for one in step.rounds]
        errand = Errand(
            self._script.country,
            self._network.asn,
            self._network.name,
            {ANNOTATION: LABEL},
            built,
            tuple(dated),
        )
        ran = self._sandbox.run(self._command(errand), timeout_s=_ROUND_S * len(dated))
        documents = tuple(line for line in ran.stdout.splitlines() if line.startswith(b"{"))
        wanted = sum(len(one.questions) for one in dated)
        if ran.status or len(documents) != wanted:
            said = " ".join(ran.stderr.decode(errors="replace").split())[-_COMPLAINT:]
            raise LabError(
                f"{self._network.name}, {dated[0].at:%a %H:%M}: the probe ended with status {ran.status} and "
                f"{len(documents)} of {wanted} measurements: {said}"
            )
        return documents


def _parts(stretch: Stretch) -> Iterator[Stretch]:
    """A stretch in parts of at most so many rounds; the first one switches."""
    for begins in range(0, len(stretch.rounds), _MOST_ROUNDS):
        rounds = stretch.rounds[begins : begins + _MOST_ROUNDS]
        yield Stretch(() if begins else stretch.switches, rounds)


class _Head(msgspec.Struct):
    """Where, when and how a measurement was made, as its document says."""

    probe_asn: str
    measurement_start_time: str
    test_name: str
    input: str | None = None

    @property
    def asn(self) -> int:
        """The network's number."""
        return int(self.probe_asn.removeprefix("AS"))

    @property
    def time(self) -> dt.datetime:
        """When it began, UTC without a zone."""
        return dt.datetime.strptime(self.measurement_start_time, _TIME)  # noqa: DTZ007  UTC without a zone


def mistakes(script: Script, document: bytes, verdicts: Sequence[Verdict]) -> list[str]:
    """Where the verdicts on a measurement depart from what the script did then, or are missing, a line each."""
    head = msgspec.json.decode(document, type=_Head)
    missing = script.targets(head.test_name, head.input or "") - {verdict.target for verdict in verdicts}
    found = [f"{target}: no verdict" for target in sorted(missing)]
    for verdict in verdicts:
        truth = script.truth(head.asn, head.time, head.test_name, verdict.target)
        found += truth.mistakes(verdict) if truth else [f"{verdict.target}: the script does not speak of it"]
    return [f"AS{head.asn} {head.time:%a %H:%M} {head.test_name}: {line}" for line in found]


def in_order(documents: Iterable[bytes]) -> list[bytes]:
    """Measurements in the order in which they began."""
    return sorted(documents, key=lambda one: msgspec.json.decode(one, type=_Head).measurement_start_time)
