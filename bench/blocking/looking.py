"""What would have been told at the time: detection at several moments, on what had been measured until then.

One run over the whole window sees with hindsight: an alert that was sent, and later thought better of, is not in it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bench.blocking.country import DAY_S, HOUR_S
from bench.blocking.detecting import Detect
from bench.blocking.rows import MICRO, Rows
from bench.blocking.scored import Told, meets, told
from bench.blocking.truth import Kind, Truth
from bench.blocking.votes import evidence
from lampwatch.detect.scoring.intervals import Rate, Share, rate, share


class Look(NamedTuple):
    """What was told at one moment (seconds since 1970, UTC), of what began until then."""

    at: int
    told: tuple[Told, ...]


class Lived(NamedTuple):
    """What looks add up to.

    false counts what was told at some look and meets nothing planted, once however often it was told; withdrawn are
    those of them that the last look no longer tells. found are blocks that must be found and were told at some look
    while the same evidence, or more, was there; lost are those of them that the last look no longer tells.
    """

    looks: int
    false: Rate
    withdrawn: int
    found: Share
    lost: int


def looks(countries: Sequence[Rows], detect: Detect, moments: Iterable[int]) -> Iterator[Look]:
    """Detection at each moment on what was measured before it."""
    for moment in moments:
        until = [rows.taken(rows.time < moment * MICRO) for rows in countries]
        found = (told(one, moment) for one in detect(evidence([rows for rows in until if rows.size])))
        yield Look(moment, tuple(one for one in found if one.known is not None))


def moments(begin: int, end: int, count: int) -> list[int]:
    """So many moments, evenly spread over a window, the last of them its end; whole hours."""
    return [begin + (end - begin) * n // count // HOUR_S * HOUR_S for n in range(1, count + 1)]


def lived(every: Sequence[Look], truths: Sequence[Truth], country_years: float) -> Lived:
    """What was ever told against what is true."""
    wrong: list[Told] = []
    for look in every:
        for one in look.told:
            if not any(meets(one, truth.planted) for truth in truths) and not _again(one, wrong):
                wrong.append(one)
    last = every[-1].told
    due = [truth for truth in truths if truth.planted.kind is Kind.BLOCK and truth.detectable]
    found = [truth for truth in due if any(_tells(look.told, truth) for look in every)]
    return Lived(
        looks=len(every),
        false=rate(len(wrong), country_years),
        withdrawn=sum(not _again(one, last) for one in wrong),
        found=share(len(found), len(due)),
        lost=sum(not _tells(last, truth) for truth in found),
    )


def _tells(those: Iterable[Told], truth: Truth) -> bool:
    return any(meets(one, truth.planted) for one in those)


def _again(one: Told, known: Iterable[Told]) -> bool:
    """Whether something is told again: the same country, one of its targets, about the same time."""
    return any(
        one.country == other.country
        and bool(one.targets & other.targets)
        and one.onset <= other.until + DAY_S
        and other.onset <= one.until + DAY_S
        for other in known
    )
