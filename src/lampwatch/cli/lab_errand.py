"""What a lab recording runs at a client: the real probe, making one round of measurements after the other.

`python -m lampwatch.cli.lab_errand ERRAND`, with an Errand in JSON. Prints one measurement a line. One process makes
many rounds, each with its own shift of the clock: one for each measurement would spend most of its time on starting.
"""

import asyncio
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from lampwatch.cli.probing import Probing
from lampwatch.lab.recording import DatedRound, Errand
from lampwatch.lab.scenario import Measure
from lampwatch.pipeline.measuring import Prober
from lampwatch.probe.document import Vantage
from lampwatch.probe.own_addresses import OwnAddresses

_AT_ONCE: Final = 10
_ALONE: Final = frozenset({"throttle"})
"""Methods that compare speeds: nothing else may be on the line meanwhile."""
_CONTROL_S: Final = 3.0
"""A control in a lab answers at once or, in a shutdown, never."""


def errand_command(errand: Errand) -> list[str]:
    """The command line that does an errand."""
    return [sys.executable, "-m", "lampwatch.cli.lab_errand", msgspec.json.encode(errand).decode()]


async def _make(errand: Errand, dated: DatedRound) -> None:
    """Make one round and print it: all of it side by side, and then what wants the line for itself."""
    shift = dated.at - dt.datetime.now(dt.UTC).replace(tzinfo=None)
    probing = Probing(
        control=(errand.lab.control_url,),
        resolver=(f"{errand.lab.resolver}:53", f"{errand.lab.doh_url}@{errand.lab.resolver}"),
        ca_file=Path(errand.lab.ca_file),
        timeouts=errand.lab.timeouts,
        clock_shift=shift.total_seconds(),
    )
    vantage = Vantage(
        probe_cc=errand.country,
        probe_asn=errand.asn,
        network_name=errand.network_name,
        annotations=errand.annotations,
    )
    own = OwnAddresses()
    clock, client = probing.clock(), probing.ask_control(own)
    assert client is not None  # noqa: S101  a control is named above
    async with client:
        around = probing.surroundings(clock, client, own)
        around = msgspec.structs.replace(
            around, timeouts=msgspec.structs.replace(around.timeouts, control_s=_CONTROL_S)
        )
        prober = Prober(around, vantage, dated.at)
        free = asyncio.Semaphore(_AT_ONCE)

        async def measured(question: Measure) -> None:
            async with free:
                click.echo(await prober.measured(question.method, question.input))

        async with asyncio.TaskGroup() as group:
            for question in dated.questions:
                if question.method not in _ALONE:
                    group.create_task(measured(question))
        for question in dated.questions:
            if question.method in _ALONE:
                await measured(question)


async def _do(errand: Errand) -> None:
    for dated in errand.rounds:
        await _make(errand, dated)


def main(arguments: Sequence[str]) -> None:
    """Do the errand that the command line holds."""
    (text,) = arguments
    asyncio.run(_do(msgspec.json.decode(text, type=Errand)))


if __name__ == "__main__":
    main(sys.argv[1:])
