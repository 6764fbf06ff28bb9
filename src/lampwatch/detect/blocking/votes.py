"""The votes that decide, as numbers: which of many histories, which hour, found blocked or open, and by whom."""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lampwatch.model.vocabulary import Control, Evidence, State

Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]

_HOUR_S: Final = 3600
_DAY_HOURS: Final = 24
_SECOND_US: Final = 1_000_000
_SURE: Final = frozenset({str(Evidence.DIRECT), str(Evidence.INFERRED)})
"""Evidence that needs no control of the same step."""
_NOBODY: Final = -1
"""Stands for all whose numbers a row does not tell: they are one voter."""

Name = tuple[str, str, str, int]
"""What tells one history from another: country, target, method, network."""


class Texts(NamedTuple):
    """A column of text: of each row the place of its text among all texts, which are in order."""

    place: Ints
    texts: tuple[str, ...]

    def those(self, wanted: frozenset[str]) -> Truths:
        """Which rows have one of these texts."""
        return np.array([text in wanted for text in self.texts], dtype=bool)[self.place]

    def of(self, rows: Ints) -> "Texts":
        """The same of some rows."""
        return Texts(self.place[rows], self.texts)


class Voters(NamedTuple):
    """Voters out of their lists, by row: of each the row it stood in, and a small number.

    numbers has the voters' own numbers by the small ones, ascending.
    """

    row: Ints
    voter: Ints
    distinct: int
    numbers: Ints


class Votes(NamedTuple):
    """Rows of votes that decide, by history and hour.

    names has the histories in order, history is a row's place among them. hour counts from first_hour (hours since
    1970, the beginning of a day in UTC) and is below hours. first and last are seconds since 1970.
    """

    names: tuple[Name, ...]
    history: Ints
    hour: Ints
    first_hour: int
    hours: int
    blocked: Truths
    verdicts: Ints
    first: Ints
    last: Ints
    mechanism: Texts
    fingerprint: Texts
    evidence: Texts
    software: Texts
    version: Texts
    witness: "pa.Array[Any]"
    voters: Voters

    def of(self, rows: Ints) -> "Votes":
        """The same of some rows, in the order in which these are given; histories keep their places."""
        place = np.full(len(self.history), -1)
        place[rows] = np.arange(len(rows))
        row = place[self.voters.row]
        kept = np.flatnonzero(row >= 0)
        kept = kept[np.argsort(row[kept], kind="stable")]
        return self._replace(
            history=self.history[rows],
            hour=self.hour[rows],
            blocked=self.blocked[rows],
            verdicts=self.verdicts[rows],
            first=self.first[rows],
            last=self.last[rows],
            mechanism=self.mechanism.of(rows),
            fingerprint=self.fingerprint.of(rows),
            evidence=self.evidence.of(rows),
            software=self.software.of(rows),
            version=self.version.of(rows),
            witness=self.witness.take(rows),
            voters=self.voters._replace(row=row[kept], voter=self.voters.voter[kept]),
        )

    def failing(self, least: int) -> Truths:
        """Of each history, whether at least so many voters' words in it are that it is blocked."""
        words = np.bincount(
            self.history[self.voters.row[self.blocked[self.voters.row]]], minlength=len(self.names)
        )
        return np.asarray(words >= least)


def deciding(rows: pa.Table) -> Votes:
    """Keep the votes that decide, of rows with the schema VOTE in any order.

    Down is the server's trouble and unknown says nothing. Without a control that worked, blocked decides nothing unless
    the interference itself was seen, or something else stood in for the control.
    """
    state = texts(rows, "state")
    sure = texts(rows, "control").those(frozenset({str(Control.WORKED)}))
    sure |= texts(rows, "evidence").those(_SURE)
    blocked = state.those(frozenset({str(State.BLOCKED)})) & sure
    kept = np.flatnonzero(blocked | state.those(frozenset({str(State.OK)})))
    names, history = histories_of(rows, kept)
    hour = seconds(rows, "hour")[kept] // _HOUR_S
    # Days and their parts are those of UTC, whatever other histories are among the rows.
    first_hour = int(hour.min()) // _DAY_HOURS * _DAY_HOURS if len(hour) else 0
    hours = int(hour.max()) - first_hour + 1 if len(hour) else 1
    order = np.argsort(history * hours + (hour - first_hour), kind="stable")
    chosen = kept[order]
    return Votes(
        names,
        history[order],
        hour[order] - first_hour,
        first_hour,
        hours,
        blocked[chosen],
        _column(rows, "verdicts").to_numpy()[chosen],
        seconds(rows, "first")[chosen],
        seconds(rows, "last")[chosen],
        texts(rows, "mechanism").of(chosen),
        texts(rows, "fingerprint").of(chosen),
        texts(rows, "evidence").of(chosen),
        texts(rows, "software").of(chosen),
        texts(rows, "rules_version").of(chosen),
        _column(rows, "witness").take(pa.array(chosen)),
        _voters(rows, chosen),
    )


def _column(rows: pa.Table, name: str) -> Any:  # noqa: ANN401  arrays of every type have no common one that has methods
    return rows[name].combine_chunks()


def texts(rows: pa.Table, name: str) -> Texts:
    """A column of text of all rows."""
    encoded = _column(rows, name).dictionary_encode()
    texts: list[str] = encoded.dictionary.to_pylist()
    order = sorted(range(len(texts)), key=lambda at: texts[at])
    places = np.empty(len(texts), dtype=np.int64)
    places[order] = np.arange(len(texts))
    return Texts(places[encoded.indices.to_numpy()], tuple(texts[at] for at in order))


def seconds(rows: pa.Table, name: str) -> Ints:
    """A column of times of all rows, in seconds since 1970."""
    return np.asarray(_column(rows, name).cast(pa.int64()).to_numpy() // _SECOND_US, dtype=np.int64)


def histories_of(rows: pa.Table, kept: Ints) -> tuple[tuple[Name, ...], Ints]:
    """The histories of these rows, in order, and of each row the place of its own."""
    country, target, method = (texts(rows, name).of(kept) for name in ("probe_cc", "target", "method"))
    asns, network = np.unique(_column(rows, "probe_asn").to_numpy()[kept], return_inverse=True)
    together = country.place
    for place, size in ((target.place, target.texts), (method.place, method.texts), (network, asns)):
        together = together * max(1, len(size)) + place
    _, one, history = np.unique(together, return_index=True, return_inverse=True)
    names = tuple(
        (
            country.texts[country.place[at]],
            target.texts[target.place[at]],
            method.texts[method.place[at]],
            int(asns[network[at]]),
        )
        for at in one
    )
    return names, history


def _voters(rows: pa.Table, chosen: Ints) -> Voters:
    """The voters of the chosen rows. A row that lists nobody has one."""
    lists = _column(rows, "voters")
    parent = lists.value_parent_indices().to_numpy().astype(np.int64)
    number = lists.flatten().to_numpy()
    place = np.full(len(rows), -1)
    place[chosen] = np.arange(len(chosen))
    row = place[parent]
    row, number = row[row >= 0], number[row >= 0]
    nobody = np.flatnonzero(np.bincount(row, minlength=len(chosen)) == 0)
    row, number = np.r_[row, nobody], np.r_[number, np.full(len(nobody), _NOBODY)]
    # Voters' numbers may be any; made small, they fit into one number with a history and an hour.
    small, voter = np.unique(number, return_inverse=True)
    order = np.argsort(row, kind="stable")
    return Voters(row[order], voter[order], max(1, len(small)), small)
