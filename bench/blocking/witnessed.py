"""What was measured of planted blocks: who could have known of them, and how soon."""

from collections import defaultdict
from typing import Final

import numpy as np

from bench.blocking.country import DAY_S, HOUR_S, Integers
from bench.blocking.rows import MICRO, Rows
from bench.blocking.truth import ENOUGH_BLOCKED, Blocking, Planted, Seen, Truth
from lampwatch.model.vocabulary import State

_BEFORE_S: Final = 7 * DAY_S
_DECIDING: Final = (list(State).index(State.OK), list(State).index(State.BLOCKED))


def truths(rows: Rows, planted: tuple[Planted, ...]) -> list[Truth]:
    """Each planted block with what was measured of it."""
    history = rows.item * len(rows.networks) + rows.network
    order = np.argsort(history, kind="stable")
    ordered, states = history[order], rows.states
    numbers = rows.networks.tolist()
    found = []
    for block in planted:
        seen: list[Seen] = []
        third: dict[int, list[int]] = defaultdict(list)
        for one in block.networks:
            for place, item in enumerate(rows.items):
                if item not in block.items:
                    continue
                key = place * len(rows.networks) + numbers.index(one.asn)
                low, high = np.searchsorted(ordered, [key, key + 1])
                mine = order[low:high]
                mine = mine[np.isin(states[mine], _DECIDING)]
                measured, enough = _seen(rows, mine, states, block, one, place)
                seen.append(measured)
                if enough is not None:
                    third[place].append(enough)
        second = [sorted(moments)[1] for moments in third.values() if len(moments) >= 2]
        found.append(Truth(block, tuple(seen), min(second, default=None)))
    return found


def _seen(
    rows: Rows, mine: Integers, states: Integers, block: Planted, one: Blocking, place: int
) -> tuple[Seen, int | None]:
    """What was measured of one history, and when enough had found it blocked. mine are its deciding verdicts."""
    time = rows.time[mine] // MICRO
    end = one.end if one.end is not None else np.inf
    during = (time >= one.onset) & (time < end)
    before = (time < one.onset) & (time >= one.onset - _BEFORE_S)
    blocked = during & (states[mine] == _DECIDING[1])
    voters, first = np.unique(rows.voter[mine[blocked]], return_index=True)
    moments = np.sort(time[blocked][first])
    earlier, later = time[time < one.onset], time[time >= one.onset]
    whys = {rows.whys[n] for n in np.unique(rows.why[mine[blocked]]).tolist()}
    seen = Seen(
        planted=block.id,
        asn=one.asn,
        item=rows.items[place],
        onset=one.onset,
        before=_votes(rows, mine[before]),
        during=_votes(rows, mine[during]),
        blocked=len(voters),
        last_before=int(earlier[-1]) if len(earlier) else None,
        first_after=int(later[0]) if len(later) else None,
        mechanisms=frozenset(why.mechanism for why in whys if why.mechanism is not None),
    )
    enough = int(moments[ENOUGH_BLOCKED - 1]) if len(moments) >= ENOUGH_BLOCKED else None
    return seen, enough


def _votes(rows: Rows, places: Integers) -> int:
    """One vote a voter and hour."""
    hours = rows.time[places] // (HOUR_S * MICRO)
    return len(set(zip(rows.voter[places].tolist(), hours.tolist(), strict=True)))
