"""Votes in portions that can be worked apart, since a country's histories of one target tell nothing of any others."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from lampwatch.detect.blocking.votes import Ints, texts
from lampwatch.formats.tables_schema import TEXT

PORTION: Final = 500_000
"""So many rows of votes are looked at together: few enough that several cores have some to do."""

Group = tuple[str, str, str]
"""A country, a target and a method: the histories of all networks there, which are looked at together."""

_OF_GROUP: Final = ("probe_cc", "target", "method")


def portions(histories: pa.Table, size: int = PORTION) -> Iterator[pa.Table]:
    """The rows in portions of about so many, countries in order, each group whole in one of them. Texts are encoded."""
    histories = _encoded(histories)
    if histories.num_rows <= size:
        yield histories
        return
    _, of_row = groups_of(histories)
    order = np.argsort(of_row, kind="stable")
    ends = np.cumsum(np.bincount(of_row))
    begin = 0
    while begin < len(order):
        # The last group that is wholly within the size, or the first where it alone is larger.
        fitting = int(np.searchsorted(ends, begin + size, side="right"))
        reached = int(ends[fitting - 1]) if fitting else 0
        end = reached if reached > begin else int(ends[np.searchsorted(ends, begin, side="right")])
        yield histories.take(pa.array(order[begin:end], pa.int64()))
        begin = end


def _encoded(histories: pa.Table) -> pa.Table:
    """The same rows with texts as numbers, which are quick to move and are looked up once: each is asked for often."""
    for at, field in enumerate(histories.schema):
        # A witness is hardly ever that of two rows.
        if field.type == TEXT and field.name != "witness":
            histories = histories.set_column(at, field.name, histories.column(at).dictionary_encode())
    return histories


def groups_of(histories: pa.Table) -> tuple[list[Group], Ints]:
    """The groups of these rows, in order, and of each row the place of its own."""
    columns = [texts(histories, name) for name in _OF_GROUP]
    together = np.zeros(histories.num_rows, dtype=np.int64)
    for column in columns:
        together = together * max(1, len(column.texts)) + column.place
    _, first, of_row = np.unique(together, return_index=True, return_inverse=True)
    country, target, method = ([column.texts[column.place[at]] for at in first] for column in columns)
    return list(zip(country, target, method, strict=True)), of_row.astype(np.int64)
