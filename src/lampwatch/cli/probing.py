"""The options that say how a probe measures, shared by the commands that do, and what they build."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom
from typing import Any, Final, TypeVar

import click
import msgspec

from lampwatch.cli.settings import CONTROL
from lampwatch.formats.names import endpoint, is_address, url_parts
from lampwatch.model.errors import UserError
from lampwatch.probe.clock import Clock, SystemClock
from lampwatch.probe.control import Control
from lampwatch.probe.control_client import ControlClient
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.own_addresses import OwnAddresses
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver
from lampwatch.probe.system_network import SystemNetwork
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import trust_of

C = TypeVar("C", bound=Callable[..., Any])

PUBLIC_RESOLVER: Final = "8.8.8.8:53"
PUBLIC_DOH: Final = "https://cloudflare-dns.com/dns-query@1.1.1.1"
"""Two operators, so that neither alone decides what a name is said to be."""


class Probing(msgspec.Struct, frozen=True, kw_only=True):
    """How a probe measures, as the command line says."""

    control: tuple[str, ...]
    resolver: str
    doh: str
    ca_file: Path | None
    timeouts: float
    clock_shift: float

    def clock(self) -> SystemClock:
        """The machine's clock, shifted as asked."""
        return SystemClock(dt.timedelta(seconds=self.clock_shift))

    def surroundings(self, clock: Clock, control: Control | None) -> Surroundings:
        """What measurements are made with. Raises UserError where an option says something impossible."""
        own = OwnAddresses()
        return Surroundings(
            network=SystemNetwork(own),
            own=own,
            clock=clock,
            trust=trust_of(self.ca_file, clock.utc),
            timeouts=Timeouts().scaled(self.timeouts),
            random=SystemRandom(),
            resolvers=tuple(_resolvers(self.resolver, self.doh)),
            control=control,
        )

    def ask_control(self) -> ControlClient | None:
        """The client of the controls that were named, to be closed after use; None where none was."""
        return ControlClient(self.control, ca_file=self.ca_file) if self.control else None


def _resolvers(udp: str, doh: str) -> list[Resolver]:
    found = [SYSTEM]
    if udp != "none":
        ip, port = endpoint(udp) if not is_address(udp) else (udp, 53)
        if not is_address(ip) or not port:
            raise UserError(f"{udp!r} is no resolver's address; write it as --resolver 8.8.8.8:53, or none")
        found.append(Resolver(Engine.UDP, f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"))
    if doh != "none":
        url, _, ip = doh.partition("@")
        if url_parts(url).scheme != "https" or (ip and not is_address(ip)):
            raise UserError(
                f"{doh!r} is no DNS over HTTPS; write it as --doh https://dns.google/dns-query@8.8.8.8, or none"
            )
        found.append(Resolver(Engine.DOH, url, ip))
    return found


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
                default=PUBLIC_RESOLVER,
                show_default=True,
                metavar="ADDRESS",
                help="The public resolver to ask over UDP beside the system's own; none for none.",
            ),
            click.option(
                "--doh",
                default=PUBLIC_DOH,
                show_default=True,
                metavar="URL[@IP]",
                help="The resolver to ask over HTTPS, and where to find it; none for none.",
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
