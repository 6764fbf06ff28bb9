"""One vote an hour for every voter: what each found, whichever rules and however often said so."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from lampwatch.detect.blocking.votes import Votes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Ballots(NamedTuple):
    """One row for each history, voter and hour, in the order of voters and then of hours.

    voter is unique over histories: whoever votes in two has two numbers. hour counts as in `Votes`. blocked is 1 where
    the voter found it blocked, 0 where open, a half where both. software numbers the program.
    """

    history: Ints
    voter: Ints
    hour: Ints
    blocked: Floats
    software: Ints


def cast(votes: Votes) -> Ballots:
    """Give every voter one ballot an hour, split where it found both."""
    row = votes.voters.row
    who = votes.history[row] * votes.voters.distinct + votes.voters.voter
    voter = np.unique(who, return_inverse=True)[1].astype(np.int64)
    key = voter * votes.hours + votes.hour[row]
    order = np.argsort(key, kind="stable")
    row, key = row[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]][: len(key)])
    if not len(starts):
        return Ballots(row, row, row, np.zeros(0), row)
    blocked = votes.blocked[row].astype(np.int64)
    both = np.maximum.reduceat(blocked, starts) + np.minimum.reduceat(blocked, starts)
    return Ballots(
        votes.history[row[starts]],
        key[starts] // votes.hours,
        key[starts] % votes.hours,
        both / 2,
        np.minimum.reduceat(votes.software.place[row], starts),
    )
