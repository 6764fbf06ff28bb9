"""Stretches of time to ask a service for, and its answers joined again."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import numpy as np

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.errors import UserError
from lampwatch.model.series import Series, Values
from lampwatch.signals.importing import Options

DAY_S: Final = 86_400
_MOST_CHUNKS: Final = 1000


class Span(msgspec.Struct, frozen=True):
    """From since (inclusive) until until (exclusive), in seconds since 1970 (UTC)."""

    since: int
    until: int

    def widened(self, step_s: int) -> "Span":
        """The same, out to whole steps."""
        return Span(self.since // step_s * step_s, -(-self.until // step_s) * step_s)

    def ended(self, step_s: int) -> "Span":
        """Whole steps: the first one that it touches, up to the last one that has ended in it."""
        return Span(self.since // step_s * step_s, self.until // step_s * step_s)

    def chunks(self, width_s: int) -> Iterator["Span"]:
        """The same in parts of at most a width, in order. Raises UserError where they are too many to ask for."""
        if self.until - self.since > width_s * _MOST_CHUNKS:
            raise UserError(f"--since is more than {_MOST_CHUNKS} requests ago; ask for a shorter time")
        for begin in range(self.since, self.until, width_s):
            yield Span(begin, min(begin + width_s, self.until))


def asked_span(options: Options, *, now: int, default_s: int) -> Span:
    """The time that options ask for; without an end up to now, without a beginning so many seconds before the end.

    Raises UserError where nothing lies in it.
    """
    until = min(now, options.until) if options.until is not None else now
    since = options.since if options.since is not None else until - default_s
    if since >= until:
        raise UserError("--until is not after --since, or --since lies in the future: nothing lies between")
    return Span(since, until)


def joined(found: Iterable[Values | MalformedRow], span: Span) -> Iterator[Values | MalformedRow]:
    """Parts of series as whole ones, within a span; of two values of one bin the later given one counts.

    What is malformed is given first. Series of which nothing lies in the span are left out.
    """
    parts: dict[Series, list[Values]] = {}
    for one in found:
        if isinstance(one, MalformedRow):
            yield one
        else:
            parts.setdefault(one.series, []).append(one)
    for series, given in parts.items():
        starts = np.concatenate([one.starts for one in given])
        order = np.argsort(starts, kind="stable")
        starts = starts[order]
        counts = np.append(np.diff(starts) != 0, True) if len(starts) else np.zeros(0, np.bool_)
        counts &= (starts >= span.since) & (starts < span.until)
        if counts.any():
            values = np.concatenate([one.values for one in given])[order]
            arrived = np.concatenate([one.arrived for one in given])[order]
            yield Values(series, starts[counts], values[counts], arrived[counts])
