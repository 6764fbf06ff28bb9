"""The options that say how a probe measures, shared by the commands that do, and what they build."""

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeVar

import click
import msgspec

from lampwatch.cli.resolvers import PUBLIC_DOH, PUBLIC_UDP, with_system
from lampwatch.cli.settings import CONTROL
from lampwatch.model.errors import UserError
from lampwatch.probe.clock import Clock, SystemClock
from lampwatch.probe.control import Control
from lampwatch.probe.control_client import ControlClient
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.own_addresses import OwnAddresses
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import trust_of

C = TypeVar("C", bound=Callable[..., Any])


class Probing(msgspec.Struct, frozen=True, kw_only=True):
    """How a probe measures, as the command line says."""

    control: tuple[str, ...]
    resolver: tuple[str, ...]
    ca_file: Path | None
    timeouts: float
    clock_shift: float

    def clock(self) -> SystemClock:
        """The machine's clock, shifted as asked."""
        try:
            shift = dt.timedelta(seconds=self.clock_shift)
            dt.datetime.now(dt.UTC) + shift
        except (ValueError, OverflowError) as error:
            raise UserError(f"--clock-shift {self.clock_shift:g} leads to no date; give seconds") from error
        return SystemClock(shift)

    def surroundings(
        self, clock: Clock, control: Control | None, own: OwnAddresses | None = None
    ) -> Surroundings:
        """What measurements are made with. Raises UserError where an option says something impossible.

        own remembers the addresses that must not be written down, also those learnt elsewhere.
        """
        if not math.isfinite(self.timeouts):
            raise UserError("--timeouts is no number; give a factor, such as 2")
        own = own if own is not None else OwnAddresses()
        return Surroundings(
            network=SystemNetwork(own),
            own=own,
            clock=clock,
            trust=trust_of(self.ca_file, clock.utc),
            timeouts=Timeouts().scaled(self.timeouts),
            random=SystemRandom(),
            resolvers=with_system(self.resolver),
            control=control,
        )

    def ask_control(self, own: OwnAddresses | None = None) -> ControlClient | None:
        """The client of the controls that were named, to be closed after use; None where none was."""
        return ControlClient(self.control, ca_file=self.ca_file, own=own) if self.control else None


def probing_options(command: C) -> C:
    """The options of Probing; each command takes them as keywords and hands them to `Probing(**…)`."""
    for option in reversed(
        (
            click.option(
                "--control",
                envvar=CONTROL.envvar,
                multiple=True,
                metavar="URL",
                help="A control service to compare with, such as one that `lampwatch control` runs elsewhere, or "
                "https://0.th.ooni.org/. May be given again: the next is asked where one fails. Without a control "
                f"no web site is called blocked. [env: {CONTROL.envvar}]",
            ),
            click.option(
                "--resolver",
                multiple=True,
                metavar="ADDRESS",
                default=(PUBLIC_UDP, PUBLIC_DOH),
                show_default=True,
                help="A resolver to ask beside the system's own: address:port, tls://, quic://, or https:// with "
                "@ADDRESS to find it at; none for no other. May be given again: all are asked.",
            ),
            click.option(
                "--ca-file",
                type=click.Path(path_type=Path),
                help="A PEM file of the authorities to believe, in place of Mozilla's. For labs.",
            ),
            click.option(
                "--timeouts",
                type=click.FloatRange(0.01, 10),
                default=1.0,
                show_default=True,
                metavar="FACTOR",
                help="Makes every timeout longer or shorter.",
            ),
            click.option(
                "--clock-shift",
                type=float,
                default=0.0,
                metavar="SECONDS",
                help="Added to every date that is written. For recordings in a lab.",
            ),
        )
    ):
        command = option(command)
    return command
