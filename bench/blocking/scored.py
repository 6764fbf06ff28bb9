"""What a detector told of a simulated world against what is true in it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from bench.baselines.ooni_cusum import Group, looks_at
from bench.blocking.catalogue import RULE_IDS, layer_of
from bench.blocking.country import DAY_S, HOUR_S
from bench.blocking.truth import Kind, Planted, Truth
from lampwatch.detect.scoring.intervals import Rate, Share, rate, share
from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.incident import Level
from lampwatch.model.vocabulary import Mechanism

_SLACK_S: Final = DAY_S
"""How far an incident may miss a planted block in time and still be of it."""
_BANDS: Final = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01))


class Told(NamedTuple):
    """What a detector told of one thing in one country. Times are seconds since 1970 (UTC).

    until is the end of the world where it lasts. known is when it was told; None where it never reached a level at
    which anything is told. networks is empty where the detector names none.
    """

    country: str
    targets: frozenset[str]
    networks: frozenset[int]
    onset: int
    until: int
    known: int | None
    level: int
    probability: float
    mechanisms: frozenset[Mechanism]
    blocks: tuple[Block, ...] = ()


def told(incident: BlockingIncident, end: int) -> Told:
    """An incident of ours."""
    reached = [step.at for step in incident.steps if step.level >= Level.APPARENT]
    known = min(reached, default=incident.onset.known) if incident.level >= Level.APPARENT else None
    return Told(
        incident.country,
        frozenset(incident.targets),
        frozenset(incident.networks),
        incident.onset.at,
        incident.end.at if incident.end else end,
        known,
        int(incident.level),
        incident.probability,
        frozenset(incident.mechanisms),
        incident.blocks,
    )


def told_by(group: Group, *, networks: int) -> Told:
    """Alerts of the baseline. networks is how many must alert until it counts."""
    known = group.at if networks == 1 else group.second
    return Told(
        group.country,
        frozenset({group.target}),
        group.networks,
        group.at,
        group.at,
        known,
        int(Level.APPARENT) if known is not None else int(Level.SIGNAL),
        1.0,
        frozenset(),
    )


class Score(NamedTuple):
    """How good a detector is in a world.

    recall is of detectable blocks that begin within the window, among those that must be found; thin of the others;
    possible of those that could be found at all, however few votes there are; standing of those that were there from
    the first day. false are told incidents that meet nothing planted; alone those told of two networks or more though
    one alone blocks. delays are hours from the first network's onset to the telling, beyond those after the moment at
    which anybody could have known. pieces counts told incidents a found block. Shares of blocks: networks_right (of
    those named, those that block), networks_found (of those that block and were measured, those named), mechanism
    (exactly those used), some_mechanism (the named ones were used).
    """

    recall: Share
    possible: Share
    thin: Share
    standing: Share
    false: Rate
    alone: int
    told: int
    delays: tuple[float, ...]
    beyond: tuple[float, ...]
    pieces: float
    networks_right: Share
    networks_found: Share
    mechanism: Share
    some_mechanism: Share
    by_rate: tuple[tuple[str, Share], ...]
    by_mechanism: tuple[tuple[str, Share], ...]
    missed: tuple[str, ...]
    wrong: tuple[Told, ...]


def meets(one: Told, block: Planted) -> bool:
    """Whether a telling is of a planted block: its country, one of its targets, one of its networks, its time."""
    if one.country != block.country or not one.targets & block.targets:
        return False
    for network in block.networks:
        end = network.end if network.end is not None else one.until
        at_time = one.onset <= end + _SLACK_S and one.until >= network.onset - _SLACK_S
        if at_time and (not one.networks or network.asn in one.networks):
            return True
    return False


def score(every: Sequence[Told], truths: Sequence[Truth], country_years: float) -> Score:
    """Score what was told against all that was planted."""
    matched = _matched(every, truths)
    known = [one for one in every if one.known is not None]
    begun = [truth for truth in truths if truth.planted.kind is Kind.BLOCK]
    due = [truth for truth in begun if truth.detectable]
    found = [truth for truth in due if _told_of(truth, matched)]
    true = {id(one) for met in matched.values() for one in met}
    wrong = [one for one in known if id(one) not in true]
    delays = [_delay(truth, matched) for truth in found]
    pieces = [len(_told_of(truth, matched)) for truth in found]
    right, named, there, seen = _networks(found, matched)
    exact, some = _mechanisms(found, matched)
    possible = [truth for truth in begun if truth.possible is not None]
    thin = [truth for truth in begun if not truth.detectable]
    standing = [truth for truth in truths if truth.planted.kind is Kind.STANDING and truth.detectable]
    return Score(
        recall=share(len(found), len(due)),
        possible=share(sum(bool(_told_of(truth, matched)) for truth in possible), len(possible)),
        thin=share(sum(bool(_told_of(truth, matched)) for truth in thin), len(thin)),
        standing=share(sum(bool(_told_of(truth, matched)) for truth in standing), len(standing)),
        false=rate(len(wrong), country_years),
        alone=sum(len(_truly_blocking(one, truths)) == 1 for one in known if id(one) in true),
        told=len(known),
        delays=tuple(first for first, _ in delays),
        beyond=tuple(after for _, after in delays if after is not None),
        pieces=float(np.mean(pieces)) if pieces else 0.0,
        networks_right=share(right, named),
        networks_found=share(seen, there),
        mechanism=share(exact, len(found)),
        some_mechanism=share(some, len(found)),
        by_rate=_by_rate(due, matched),
        by_mechanism=_by_mechanism(due, matched),
        missed=tuple(_described(truth) for truth in due if not _told_of(truth, matched)),
        wrong=tuple(wrong),
    )


def within_layers(truths: Iterable[Truth]) -> list[Truth]:
    """Those that OONI's detector can see at all, by their layer and method."""
    return [
        truth
        for truth in truths
        if any(
            looks_at(m, layer_of(m), item.method)
            for m in truth.planted.mechanisms
            for item in truth.planted.items
        )
    ]


Matched = Mapping[str, list[Told]]


def _matched(every: Sequence[Told], truths: Sequence[Truth]) -> Matched:
    by_country: dict[str, list[Told]] = {}
    for one in every:
        by_country.setdefault(one.country, []).append(one)
    return {
        truth.planted.id: [
            one for one in by_country.get(truth.planted.country, ()) if meets(one, truth.planted)
        ]
        for truth in truths
    }


def _told_of(truth: Truth, matched: Matched) -> list[Told]:
    """What was told of a block, at a level at which it is told."""
    return [one for one in matched[truth.planted.id] if one.known is not None]


def _delay(truth: Truth, matched: Matched) -> tuple[float, float | None]:
    """Hours from the first onset, and from when anybody could have known."""
    known = min(one.known for one in _told_of(truth, matched) if one.known is not None)
    after = (known - truth.possible) / HOUR_S if truth.possible is not None else None
    return (known - truth.planted.onset) / HOUR_S, after


def _networks(found: Sequence[Truth], matched: Matched) -> tuple[int, int, int, int]:
    """Over all found: named networks that block, named networks, measured ones that block, those of them named."""
    right = named = there = seen = 0
    for truth in found:
        names = frozenset[int]().union(*(one.networks for one in _told_of(truth, matched)))
        blocking = {one.asn for one in truth.planted.networks}
        right, named = right + len(names & blocking), named + len(names)
        there, seen = there + len(truth.measured_networks), seen + len(names & truth.measured_networks)
    return right, named, there, seen


def _mechanisms(found: Sequence[Truth], matched: Matched) -> tuple[int, int]:
    """Of how many the mechanisms are exactly those seen on measured networks, and of how many all named are used."""
    exact = some = 0
    for truth in found:
        names = frozenset[Mechanism]().union(*(one.mechanisms for one in _told_of(truth, matched)))
        used = frozenset[Mechanism]().union(*(one.mechanisms for one in truth.seen if one.measured))
        used &= truth.planted.mechanisms
        exact += names == used
        some += bool(names) and names <= truth.planted.mechanisms
    return exact, some


def _truly_blocking(one: Told, truths: Sequence[Truth]) -> set[int]:
    """The networks that block what a telling is of, in its time."""
    return {
        network.asn
        for truth in truths
        if meets(one, truth.planted)
        for network in truth.planted.networks
        if network.onset <= one.until + _SLACK_S
    }


def _by_rate(due: Sequence[Truth], matched: Matched) -> tuple[tuple[str, Share], ...]:
    found = []
    for low, high in _BANDS:
        within = [t for t in due if low <= np.mean([one.rate for one in t.planted.networks]) < high]
        name = f"{low * 100:.0f} to {min(high, 1) * 100:.0f} %"
        found.append((name, share(sum(bool(_told_of(t, matched)) for t in within), len(within))))
    return tuple(found)


def _by_mechanism(due: Sequence[Truth], matched: Matched) -> tuple[tuple[str, Share], ...]:
    found = []
    for mechanism in RULE_IDS:
        within = [t for t in due if t.planted.networks[0].mechanisms[0][0] is mechanism]
        hits = sum(bool(_told_of(t, matched)) for t in within)
        found.append((str(mechanism), share(hits, len(within))))
    return tuple(found)


def _described(truth: Truth) -> str:
    """One line on a block that was missed."""
    block = truth.planted
    votes = sum(one.blocked for one in truth.seen)
    fails = np.mean([one.rate for one in block.networks])
    end = (block.end - block.onset) / DAY_S if block.end is not None else None
    lasts = f"{end:.1f} days" if end is not None else "to the end"
    return (
        f"{block.id}: {', '.join(sorted(block.targets))} by {', '.join(sorted(block.mechanisms))} on"
        f" {len(truth.measured_networks)} measured of {len(block.networks)} networks, {fails:.0%} failing, {lasts},"
        f" {votes} voters blocked"
    )


class Onsets(NamedTuple):
    """How well onsets of single networks are dated, over blocks of found events that were measured before."""

    within_interval: Share
    in_bounds: Share
    errors_h: tuple[float, ...]


def onsets(every: Sequence[Told], truths: Sequence[Truth]) -> Onsets:
    """Whether each onset is right within one measurement interval, and lies within the bounds given for it."""
    blocks: dict[tuple[str, int, str, str], list[Block]] = {}
    for one in every:
        for block in one.blocks:
            blocks.setdefault((block.country, block.asn, block.target, block.method), []).append(block)
    right = bounded = 0
    errors = []
    for truth in truths:
        for seen in truth.seen:
            known = blocks.get((truth.planted.country, seen.asn, seen.item.target, seen.item.method))
            dated = truth.planted.kind is Kind.BLOCK and seen.measured
            if not known or not dated or seen.last_before is None or seen.first_after is None:
                continue
            block = min(known, key=lambda b: abs(b.onset.at - seen.onset))
            if abs(block.onset.at - seen.onset) > 7 * DAY_S:
                continue
            error = block.onset.at - seen.onset
            errors.append(error / HOUR_S)
            right += abs(error) <= max(HOUR_S, seen.first_after - seen.last_before)
            # Votes are by the hour, so that bounds cannot be finer.
            bounded += block.onset.low - HOUR_S <= seen.onset <= block.onset.high + HOUR_S
    return Onsets(share(right, len(errors)), share(bounded, len(errors)), tuple(errors))


def reliability(every: Sequence[Told], truths: Sequence[Truth]) -> list[tuple[str, float, Share]]:
    """For each level, the mean of what was said and how often it held: something planted is what was told."""
    matched = {id(one) for met in _matched(every, truths).values() for one in met}
    found = []
    for level in Level:
        those = [one for one in every if one.level == level]
        said = float(np.mean([one.probability for one in those])) if those else float("nan")
        found.append((f"{int(level)} {level.name.lower()}", said, share(_held(those, matched), len(those))))
    return found


def by_probability(every: Sequence[Told], truths: Sequence[Truth]) -> list[tuple[str, float, Share]]:
    """The same by tenths of the probability that was said."""
    matched = {id(one) for met in _matched(every, truths).values() for one in met}
    found = []
    for tenth in range(10):
        those = [one for one in every if tenth == min(9, int(one.probability * 10))]
        said = float(np.mean([one.probability for one in those])) if those else float("nan")
        found.append(
            (f"{tenth / 10:.1f} to {(tenth + 1) / 10:.1f}", said, share(_held(those, matched), len(those)))
        )
    return found


def _held(those: Sequence[Told], matched: set[int]) -> int:
    return sum(id(one) in matched for one in those)
