"""Votes -> blocking incidents: the whole of it. Pure, and the same for the same votes."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Final, NamedTuple

from lampwatch.detect.blocking.accounts import Accounts, accounts_of
from lampwatch.detect.blocking.against import Crowd, against, explained_by, few
from lampwatch.detect.blocking.explained import outages
from lampwatch.detect.blocking.findings import Findings, Work, blocked_voters_of, findings
from lampwatch.detect.blocking.joining import groups
from lampwatch.detect.blocking.levels import (
    HALF,
    Users,
    Voting,
    independent,
    is_confirmable,
    share,
    steps,
    strong,
)
from lampwatch.detect.blocking.measured import DAY_S, Measured
from lampwatch.detect.blocking.portions import portions
from lampwatch.detect.blocking.setting import Setting
from lampwatch.detect.blocking.strength import KNOWN_MEANWHILE_DAYS, is_known
from lampwatch.detect.blocking.sweeping import sweeping
from lampwatch.detect.blocking.where import NATIONAL_NETWORKS, where
from lampwatch.formats.vote_tables import Evidence
from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.entity import Entity
from lampwatch.model.event import Event
from lampwatch.model.incident import Level
from lampwatch.model.series import Family
from lampwatch.model.vocabulary import Mechanism

_TELLING: Final = frozenset({Family.INTERFERENCE, Family.USERS})
"""Families of series that show blocking from outside our own measurements."""
_AROUND_S: Final = 86_400
_NOTHING: Final = Setting()


def incidents(evidence: Evidence, setting: Setting = _NOTHING, work: Work = map) -> list[BlockingIncident]:
    """Find all blocking incidents in evidence, in order of their onset. work does what can be done side by side.

    The same votes give the same incidents, in whatever order the rows come.
    """
    found = findings(portions(evidence.histories), outages(setting.connectivity), work)
    around = Measured(evidence.coverage, evidence.presence, blocked_voters_of(found))
    return joined(found, around, setting)


def joined(findings: Findings, around: Measured, setting: Setting = _NOTHING) -> list[BlockingIncident]:
    """Join the findings of all countries to incidents, in order of their onset."""
    told = [block for _, finding in sorted(findings.items()) for block in finding.blocks]
    accounts = accounts_of(findings)
    known = _Known(
        around, Crowd(told, around, accounts), accounts, setting, sweeping(told, around, setting.belonging)
    )
    by_country: dict[str, list[Block]] = defaultdict(list)
    for block in told:
        by_country[block.country].append(block)
    found = [
        _incident(members, known)
        for _, there in sorted(by_country.items())
        for members in groups(there, setting.belonging, known.swept)
    ]
    return sorted(found, key=lambda one: (one.onset.at, one.id))


class _Known(NamedTuple):
    around: Measured
    crowd: Crowd
    accounts: Accounts
    setting: Setting
    swept: set[Block]


def _incident(members: list[Block], known: _Known) -> BlockingIncident:
    # What one voter alone found adds nothing to what several did: no network, target, earlier onset or later end.
    members = [block for block in members if block.blocked_voters > 1] or members
    country, setting = members[0].country, known.setting
    onset = _onset(members)
    until = max(block.until for block in members)
    targets = _in_order(members, lambda block: block.target)
    blocking = {block.asn for block in members}
    measured = known.around.tested(country, targets, onset.low, until).keys() | blocking
    weighed = _weighed(members, measured, onset, known.around)
    voting = Voting(
        known.around,
        known.accounts.voters,
        setting.operator,
        _users(setting, country),
        weighed,
        _is_seen_elsewhere(country, onset, until, setting),
        regions=_by_region(country, weighed, setting),
    )
    explained = explained_by(members, known.crowd)
    swept = _is_sweep(members, measured, known)
    counted = strong(members, voting, explained)
    alone = independent(counted, voting)
    place = where({one.block.asn for one in counted}, measured, alone, voting, country, setting.region)
    doubts = against(members, explained, known.crowd, measured - {*place.beyond}, swept=swept)
    reached = steps(members, counted, voting, explained)
    if swept:
        reached = tuple(step for step in reached if step.level <= Level.SIGNAL)
    level = reached[-1].level if reached else Level.REPORTED
    if level <= Level.SIGNAL:
        doubts = (*doubts, *few(members, known.accounts))
    belongings = [setting.belonging(target) for target in targets]
    categories = {one.category for one in belongings}
    likely = math.prod(reason.factor for reason in doubts)
    return BlockingIncident(
        id=_name(country, belongings[0].service, members),
        country=country,
        scope=place.scope,
        entities=(*place.codes, *(Entity(country, asn).code for asn in sorted(blocking))),
        onset=onset,
        end=_end(members),
        until=until,
        level=level,
        steps=reached,
        probability=round(_sureness(members, alone) * likely, 3),
        against=doubts,
        confirmable=is_confirmable(members, level),
        services=tuple(dict.fromkeys(one.service for one in belongings)),
        targets=targets,
        category=categories.pop() if len(categories) == 1 else "",
        networks=tuple(sorted(blocking)),
        measured=tuple(sorted(measured)),
        network_names=tuple((asn, name) for asn in sorted(measured) if (name := setting.operator(asn))),
        beyond=place.beyond,
        share=share(blocking, weighed, voting.users),
        mechanisms=_mechanisms(members),
        fingerprints=tuple(sorted({name for block in members for name in block.fingerprints})),
        blocks=tuple(members),
    )


def _weighed(
    members: Sequence[Block], measured: Collection[int], onset: Event, around: Measured
) -> list[int]:
    """The networks of which a part must block: without those that turned up after the onset and find it open.

    Anybody can make up networks that reach everything, to make what is blocked on all others look like little.
    """
    country, blocking = members[0].country, {block.asn for block in members}
    since = onset.high
    standing = {block.asn for block in members if block.begun_before}
    if len(standing) * 2 > len(blocking) and not any(
        is_known(around, country, asn, since) for asn in blocking
    ):
        # There is no day before: who is there within the first week was not made up for this.
        since += KNOWN_MEANWHILE_DAYS * DAY_S
    return sorted(asn for asn in measured if asn in blocking or is_known(around, country, asn, since))


def _by_region(country: str, networks: Sequence[int], setting: Setting) -> dict[str, list[int]]:
    """Networks that serve one region of the country alone, by its place."""
    found: dict[str, list[int]] = defaultdict(list)
    for asn in networks:
        if region := setting.region(country, asn):
            found[region].append(asn)
    return found


def _is_sweep(members: Sequence[Block], measured: Collection[int], known: _Known) -> bool:
    """Whether it swept its networks, and these are too few to make it a matter of the country."""
    if not known.swept.issuperset(members):
        return False
    networks = {block.asn for block in members}
    return len(networks) < NATIONAL_NETWORKS or len(networks) < HALF * len(measured)


def _onset(members: Sequence[Block]) -> Event:
    """That of the block which must have begun first; one that is measured rarely may have begun before, or later.

    Nothing is averaged, since networks follow each other.
    """
    return min((block.onset for block in members), key=lambda one: (one.high, -one.low, one.at, one.known))


def _end(members: Sequence[Block]) -> Event | None:
    """The last end, once all blocks have ended."""
    ends = [block.end for block in members if block.end is not None]
    return max(ends, key=lambda one: (one.at, one.known)) if len(ends) == len(members) else None


def _mechanisms(members: Sequence[Block]) -> tuple[Mechanism, ...]:
    seen = sorted((means.first, str(means.mechanism)) for block in members for means in block.means)
    return tuple(dict.fromkeys(Mechanism(name) for _, name in seen))


def _sureness(members: Sequence[Block], alone: Sequence[int]) -> float:
    """How likely it is that anything changed: the best block of each network that counts, as independent ones."""
    doubt = 1.0
    for asn in alone or [members[0].asn]:
        doubt *= 1 - max(block.probability for block in members if block.asn == asn)
    return 1 - doubt


def _is_seen_elsewhere(country: str, onset: Event, until: int, setting: Setting) -> bool:
    """Whether a series from outside our own measurements shows interference, or a rush to circumvention, meanwhile."""
    return any(
        one.country == country
        and one.direction is Direction.SURGE
        and one.level >= Level.SIGNAL
        and not one.insufficient
        and {part.family for part in one.parts} & _TELLING
        and one.onset.low - _AROUND_S <= until
        and abs(one.onset.at - onset.at) <= 3 * _AROUND_S
        for one in setting.connectivity
    )


def _users(setting: Setting, country: str) -> Users:
    def of(asn: int) -> float | None:
        return setting.sizes.get(f"AS{asn}@{country}", setting.sizes.get(f"AS{asn}"))

    return of


def _in_order(members: Sequence[Block], of: Callable[[Block], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(of(block) for block in members))


def _name(country: str, service: str, members: Sequence[Block]) -> str:
    """A name that stays while more becomes known: of the history that was known first, and of its onset's day."""
    first = min(members, key=lambda block: (block.onset.known, block.asn, block.target, block.method))
    digest = hashlib.blake2b(
        f"{first.asn} {first.target} {first.method} {first.onset.high // 3600}".encode(), digest_size=4
    )
    return f"{country.lower()}-{service}-{first.onset.high // 86_400 * 86_400}-{digest.hexdigest()}"
