"""Our test throttle -> its steps, and each run as an exchange; the rates of pairs as notes."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from lampwatch.formats.names import endpoint
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import HttpExchange, Observations
from lampwatch.observe.archival import FailureText
from lampwatch.observe.steps import StepKeys, steps

NAMES: Final = ("throttle",)
NEEDS_INPUT: Final = True

TARGET: Final = "target"
CONTROL: Final = "control"
PAIRS: Final = "pairs"
"""The note of the rates, in bytes a second: `target/control`, one a pair, by spaces."""
SIDES: Final = "sides"
"""The note of the sides, one an exchange, by spaces."""
FEWEST_BYTES: Final = 65_536
"""A body shorter than this has come before its speed shows."""
_MOST_RUNS: Final = 64
_FOUND: Final = frozenset({200, 206})
_MOST_BYTES: Final = 2**40
_SECONDS: Final = (1e-6, 1e6)
"""No run is shorter or longer."""


class Run(msgspec.Struct, gc=False):
    """One download of README.md, as far as it is used here."""

    side: str | None = None
    pair: int | None = None
    address: str | None = None
    status: int | None = None
    failure: FailureText = None
    bytes: int | None = None
    seconds: float | None = None
    transaction_id: int | None = None
    t: float | None = None


class TestKeys(StepKeys, gc=False):
    """The keys of README.md, as far as they are used here."""

    runs: list[Run] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The steps, and one exchange for each run; notes give the rates of each pair whose runs can be compared."""
    runs = (test_keys.runs or [])[:_MOST_RUNS]
    facts = msgspec.structs.replace(
        steps(test_keys), http=[_exchange(run, measurement.input) for run in runs]
    )
    notes = {
        SIDES: " ".join([run.side if run.side in {TARGET, CONTROL} else "-" for run in runs]),
        PAIRS: " ".join([f"{target:.6g}/{control:.6g}" for target, control in _pairs(runs)]),
    }
    return Observations(facts, notes=notes)


def _exchange(run: Run, url: str) -> HttpExchange:
    ip, port = endpoint(run.address or "")
    return HttpExchange(
        url,
        "GET",
        ip,
        port,
        failure_of(run.failure),
        status=run.status if run.status and 0 < run.status < 1000 else 0,  # noqa: PLR2004  three digits by RFC 9110
        body_length=_size(run),
        over_tls=True,
        transaction_id=run.transaction_id or 0,
        t=run.t,
    )


def _size(run: Run) -> int:
    return run.bytes if run.bytes and 0 < run.bytes < _MOST_BYTES else 0


def _pairs(runs: Sequence[Run]) -> list[tuple[float, float]]:
    sides: dict[str, Mapping[int, Run]] = {
        side: {run.pair: run for run in runs if run.side == side and run.pair is not None}
        for side in (TARGET, CONTROL)
    }
    found = []
    for pair, target in sides[TARGET].items():
        control = sides[CONTROL].get(pair)
        rates = (_rate(target), _rate(control)) if control is not None else (0.0, 0.0)
        if min(rates) > 0:
            found.append(rates)
    return found


def _rate(run: Run) -> float:
    """Bytes a second; 0 where the run says nothing of speed.

    A run that ran out of time tells how fast it was. One that broke off does not: that is no throttling.
    """
    size, seconds, failure = _size(run), run.seconds or 0.0, failure_of(run.failure)
    if run.status not in _FOUND or not size or not _SECONDS[0] <= seconds <= _SECONDS[1]:
        return 0.0
    if failure is Failure.TIMEOUT:
        return size / seconds
    return size / seconds if failure is None and size >= FEWEST_BYTES else 0.0
