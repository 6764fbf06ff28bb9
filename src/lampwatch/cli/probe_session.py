"""One session of a probe: check in, plan, measure, send; put together from the rooms."""

import asyncio
import datetime as dt
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import msgspec

from lampwatch.cli.check import sentences
from lampwatch.cli.probe_shown import Shown
from lampwatch.cli.probing import Probing
from lampwatch.formats.test_list import TestListEntry
from lampwatch.judge.references import NO_REFERENCES
from lampwatch.methods.connectivity.domestic import domestic_sites
from lampwatch.pipeline.measuring import Prober
from lampwatch.probe.budget import Budget
from lampwatch.probe.checking_in import CheckedIn, check_in, remember, remembered
from lampwatch.probe.clock import Clock
from lampwatch.probe.control_client import ControlClient
from lampwatch.probe.document import Vantage
from lampwatch.probe.own_addresses import OwnAddresses
from lampwatch.probe.schedule import ENTRY_METHODS, Pace, Schedule, Standing, Task, entry, services
from lampwatch.probe.schedule_run import Run
from lampwatch.probe.spool import Spool
from lampwatch.probe.upload import Uploader
from lampwatch.store.references.lists import GLOBAL, entries_in_force

CHECK_IN_EVERY_S: Final = 3600.0
"""A machine moves between networks: so often the collector is asked again where the probe is."""
_CONNECTIVITY: Final = "connectivity"
_STUN: Final = "stun_reachability"
_UNKNOWN: Final = Vantage().probe_cc


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for. collector is empty where nothing is to be sent."""

    vantage: Vantage
    methods: tuple[str, ...]
    categories: tuple[str, ...]
    pace: Pace
    budget: Budget
    collector: str


class Session:
    """Measures and sends until the schedule ends, or until it is cancelled; what was measured is then in the spool."""

    def __init__(
        self,
        data: Path,
        own: Path,
        wishes: Wishes,
        probing: Probing,
        spool: Spool,
        clock: Clock,
        shown: Shown,
    ) -> None:
        """Of the data directory the lists are read; the probe's own holds its whereabouts."""
        self._data = data
        self._own = own
        self._wishes = wishes
        self._probing = probing
        self._spool = spool
        self._clock = clock
        self._shown = shown
        self._vantage = wishes.vantage
        self._prober: Prober | None = None
        self._left = ""
        self._own_addresses = OwnAddresses()

    async def run(self, client: httpx.AsyncClient, random: Random) -> None:
        """Run to the end. Raises UserError where there is nothing to measure, or the disk cannot be written."""
        checked = await self._checked_in(client)
        standing = self._standing(checked.entries)
        if not standing:
            self._shown.say("there is nothing to measure: no list in force has what was asked for")
        asked = self._probing
        if not asked.control and checked.controls:
            asked = msgspec.structs.replace(asked, control=checked.controls)
        control = asked.ask_control(self._own_addresses)
        if control is None:
            self._shown.say(
                "no control is known, and without one no web site is called blocked: see --control"
            )
        try:
            await self._with(asked, control, standing, client, random, told=bool(checked.own_address))
        finally:
            if control is not None:
                await control.close()

    async def _with(
        self,
        probing: Probing,
        control: ControlClient | None,
        standing: Sequence[Standing],
        client: httpx.AsyncClient,
        random: Random,
        *,
        told: bool,
    ) -> None:
        """Measure and send. told: the collector has said which address we are seen as."""
        self._prober = Prober(
            probing.surroundings(self._clock, control, self._own_addresses), self._vantage, self._clock.utc()
        )
        now = self._clock.utc().replace(tzinfo=dt.UTC)
        schedule = Schedule(
            standing,
            self._wishes.pace,
            self._wishes.budget,
            random=random,
            now_s=now.timestamp(),
            last={about: last.time_s for about, last in self._spool.last().items()},
            spent=self._spool.spent(now.date()),
        )
        if not told:
            # A STUN server tells it too. Services go first, so that pages are measured when it is known.
            schedule.hurry(_STUN, now.timestamp())
        measuring = Run(
            schedule, self._measured, self._spool, clock=self._clock, watcher=self._shown
        ).to_its_end()
        if not self._wishes.collector:
            await measuring
            return
        uploader = Uploader(self._spool, client, self._wishes.collector, clock=self._clock, random=random)
        await _first_of(measuring, uploader.forever(self._shown.uploaded), self._checking_in(client))
        await uploader.drain(tell=self._shown.uploaded)

    async def _measured(self, task: Task) -> bytes:
        assert self._prober is not None  # noqa: S101  set before anything is measured
        document = await self._prober.measured(task.method, task.input)
        if task.method == _CONNECTIVITY:
            self._tell_what_is_left(document)
        return document

    def _tell_what_is_left(self, document: bytes) -> None:
        """Say what is left of the Internet here, where that is another answer than the last time."""
        [left] = sentences(document, NO_REFERENCES, controls=1)[:1]
        if left != self._left:
            self._left = left
            self._shown.say(left)

    async def _checked_in(self, client: httpx.AsyncClient) -> CheckedIn:
        """Ask the collector where this is; where nobody can be asked, go by what was said or is remembered."""
        asked = self._wishes.vantage
        checked = CheckedIn(asked)
        if self._wishes.collector:
            checked = await check_in(
                client, self._wishes.collector, asked, self._wishes.categories, self._clock
            )
            if not checked.failure:
                remember(self._own, checked.vantage, self._clock.utc())
        self._own_addresses.add(checked.own_address)
        before = remembered(self._own)
        if checked.failure:
            self._shown.say(f"the collector cannot be asked where this is: {checked.failure}")
            if before is not None and asked == Vantage():
                checked = msgspec.structs.replace(checked, vantage=before)
        self._vantage = checked.vantage
        where = f"{self._vantage.probe_cc} AS{self._vantage.probe_asn} {self._vantage.network_name}".rstrip()
        known = self._vantage.probe_cc != _UNKNOWN or self._vantage.probe_asn
        self._shown.say(
            f"measuring from {where if known else 'an unknown country and network (say --country and --asn)'}"
        )
        return checked

    async def _checking_in(self, client: httpx.AsyncClient) -> None:
        """Ask again from time to time; measurements that begin after an answer carry it."""
        while True:
            await self._clock.sleep(CHECK_IN_EVERY_S)
            checked = await check_in(
                client, self._wishes.collector, self._wishes.vantage, self._wishes.categories, self._clock
            )
            self._own_addresses.add(checked.own_address)
            if not checked.failure and self._prober is not None:
                remember(self._own, checked.vantage, self._clock.utc())
                self._prober = msgspec.structs.replace(
                    self._prober, vantage=checked.vantage, session_started=self._clock.utc()
                )

    def _standing(self, offered: Sequence[TestListEntry]) -> list[Standing]:
        """All that is to be measured: services, and the entries of the lists in force, or else what was offered."""
        country = self._vantage.probe_cc
        found = [
            _at_home(one, country) if one.task.method == _CONNECTIVITY else one
            for one in services(self._wishes.methods)
        ]
        methods = [name for name in self._wishes.methods if name in ENTRY_METHODS]
        if methods:
            for one in self._entries(country, offered):
                found += [
                    entry(name, one.url, one.category)
                    for name in methods
                    if name != "quic" or one.url.startswith("https:")
                ]
        return found

    def _entries(self, country: str, offered: Sequence[TestListEntry]) -> list[TestListEntry]:
        wanted = self._wishes.categories
        lists: Mapping[str, Sequence[TestListEntry]] = entries_in_force(self._data, {country.lower(), GLOBAL})
        if not lists:
            self._shown.say(
                f"no test lists are kept here; the collector offers {len(offered)} URLs"
                if offered
                else "no test lists are kept here: run `lampwatch lists update` with your country, such as KZ"
            )
        elif country != _UNKNOWN and country.lower() not in lists:
            self._shown.say(f"the list of {country} is not kept here: run `lampwatch lists update {country}`")
        every = {one.url: one for entries in (lists or {"": offered}).values() for one in entries}
        return [one for one in every.values() if not wanted or one.category in wanted]


def _at_home(standing: Standing, country: str) -> Standing:
    """The connectivity test with the sites that stay up in a country that is cut off."""
    task = msgspec.structs.replace(standing.task, input=domestic_sites(country))
    return msgspec.structs.replace(standing, task=task)


async def _first_of(leading: Coroutine[Any, Any, None], *following: Coroutine[Any, Any, None]) -> None:
    """Run all until the leading one ends; what any of them raises ends all, and is raised."""
    tasks = [asyncio.create_task(one) for one in (leading, *following)]
    try:
        while not tasks[0].done():
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for one in ended:
                one.result()
    finally:
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
