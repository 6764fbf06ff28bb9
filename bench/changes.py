"""How well blocks are found in simulated histories: recall, dates, delay, false blocks, speed. `--write`: changes.md.

`python -m bench changes [--write] [--number N]`. Takes about two minutes.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from bench._planted import Found, Planted, compared, planted, quiet, simulated
from lampwatch.detect.blocking.blocks import blocks
from lampwatch.detect.blocking.changes import changes
from lampwatch.detect.blocking.counts import Counts
from lampwatch.formats.vote_tables import VOTE

WRITTEN: Final = Path(__file__).resolve().with_suffix(".md")
HOUR_S: Final = 3600
DAYS: Final = 90

_HEAD: Final = """\
# Changes in one history, measured

Made by `python -m bench changes --write`, on simulated histories of 90 days with a block of 18 days. Votes an hour are
those of a mean hour; nights have fewer. Delays are medians, with nine of ten in brackets, from the truth to the vote
that made it known.
"""


def table(heads: Sequence[str], rows: Iterator[Sequence[str]]) -> Iterator[str]:
    """The lines of a table."""
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def recall(number: int) -> Iterator[Sequence[str]]:
    """A row for each usual rate of failing, roll-out and number of votes."""
    random = np.random.default_rng(1)
    for usual in (0.003, 0.02, 0.1):
        for rate in (0.3, 0.5, 1.0):
            for votes in (0.1, 0.3, 1.0, 3.0):
                histories = planted(number, rate, votes, usual, random, days=DAYS)
                found = compared(histories, DAYS * 24, random)
                yield [f"{usual:.1%}", f"{rate:.0%}", f"{votes}", *_figures(found)]


def _figures(found: list[Found]) -> list[str]:
    hits = [one for one in found if one.pieces]
    ended = [one for one in hits if one.end_delay_s is not None]
    return [
        f"{len(hits)}/{len(found)}",
        f"{sum(one.pieces > 1 for one in hits)}",
        f"{sum(one.holds_onset for one in hits)}/{len(hits)}",
        f"{sum(one.holds_end for one in ended)}/{len(ended)}",
        _delay([one.delay_s for one in hits]),
        _delay([one.end_delay_s for one in ended if one.end_delay_s is not None]),
    ]


def _delay(seconds: Sequence[int]) -> str:
    if not seconds:
        return "none"
    middle, most = np.quantile(np.array(seconds) / HOUR_S, [0.5, 0.9])
    return f"{middle:.1f} h ({most:.1f})"


def false(number: int) -> Iterator[Sequence[str]]:
    """A row for each kind of history that has no block."""
    random = np.random.default_rng(2)
    mixed = [("half quiet, half 1 to 30 %", quiet(10 * number, random))]
    steady = [
        (f"{usual:.1%}, {votes} votes", [Planted(usual, 0, 0, 0, votes)] * number)
        for usual in (0.01, 0.1, 0.3)
        for votes in (0.3, 3.0)
    ]
    bad_days = [
        (f"{usual:.1%} and bad days, {votes} votes", [Planted(usual, 0, 0, 0, votes, bursts=20.0)] * number)
        for usual in (0.01, 0.1, 0.3)
        for votes in (0.3, 3.0)
    ]
    for name, histories in [*mixed, *steady, *bad_days]:
        stretches = changes(simulated(histories, DAYS * 24, random))
        years = len(histories) * DAYS / 365
        grave = sum(one.rate >= 0.6 for one in stretches)
        yield [name, f"{len(histories)}", f"{len(stretches)}", f"{len(stretches) / years:.3f}", f"{grave}"]


def speed(number: int) -> Iterator[str]:
    """How long 500 measured hours of each of so many histories take, of a process of one thread."""
    random = np.random.default_rng(3)
    rows = votes(number, 500, random)
    began = time.process_time()
    found = blocks(rows)
    took = time.process_time() - began
    yield (
        f"{number} histories of 500 measured hours: from votes to {len(found)} blocks {took:.1f} s of one core."
    )
    one = simulated([Planted(0.01, 0, 0, 0, 3.0)], 1000, random)
    places = np.tile(np.arange(500), number)
    counts = Counts(
        np.repeat(np.arange(number), 500),
        one.hour[places],
        one.blocked[places],
        one.open[places],
        one.failures[places],
        one.first_open[places],
        one.last_open[places],
        one.first_blocked[places],
        one.last_blocked[places],
    )
    began = time.process_time()
    changes(counts)
    took = time.process_time() - began
    yield f"Of these, finding the changes in {len(counts.hour)} hourly counts takes {took:.1f} s."


def votes(histories: int, hours: int, random: np.random.Generator) -> pa.Table:
    """Rows of votes, one an hour with one to three voters each; a block in most histories; in no order."""
    rows = histories * hours
    history, hour = np.repeat(np.arange(histories), hours), np.tile(np.arange(hours) * 4, histories)
    onset = random.integers(0, 3000, histories)[history]
    blocked = ((hour > onset) & (hour < onset + 400)) | (random.random(rows) < 0.01)
    voters = random.integers(1, 4, rows)
    hour_us = (hour + 464_592) * HOUR_S * 1_000_000
    first = hour_us + random.integers(0, 3_000_000_000, rows)
    lists = pa.ListArray.from_arrays(
        pa.array(np.r_[0, np.cumsum(voters)], pa.int32()), pa.array(random.integers(0, 2**60, voters.sum()))
    )
    columns = {
        "probe_cc": np.full(rows, "KZ"),
        "target": np.char.add("site", history.astype(str)),
        "method": np.full(rows, "web_connectivity"),
        "probe_asn": history % 50,
        "hour": pa.array(hour_us).cast(pa.timestamp("us")),
        "state": np.where(blocked, "blocked", "ok"),
        "mechanism": np.where(blocked, "tls_sni_reset", ""),
        "rule_id": np.where(blocked, "tls.reset", "ok"),
        "fingerprint": np.full(rows, ""),
        "evidence": np.where(blocked, "compared", "none"),
        "control": np.full(rows, "worked"),
        "software": random.choice(["ooniprobe-android 5.2.1", "lampwatch 0.1.0"], rows),
        "rules_version": np.full(rows, "1"),
        "verdicts": voters,
        "voters": lists,
        "first": pa.array(first).cast(pa.timestamp("us")),
        "last": pa.array(first + 60_000_000).cast(pa.timestamp("us")),
        "witness": np.char.add("uid", np.arange(rows).astype(str)),
    }
    arrays = [
        pa.array(columns[name]) if isinstance(columns[name], np.ndarray) else columns[name]
        for name in VOTE.names
    ]
    return pa.Table.from_arrays(arrays, schema=VOTE).take(random.permutation(rows))


def document(number: int, histories: int) -> str:
    """The page, measured now."""
    heads = ["fails usually", "roll-out", "votes an hour", "found", "in pieces", "onset in interval"]
    heads += ["end in interval", "delay", "delay of the end"]
    kinds = ["without a block", "histories", "false blocks", "a history and year", "with a rate of 60 %"]
    lines = [
        _HEAD,
        *table(heads, recall(number)),
        "",
        *table(kinds, false(number)),
        "",
        *speed(histories),
        "",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it where it belongs."""
    number = int(arguments[arguments.index("--number") + 1]) if "--number" in arguments else 100
    page = document(number, 100 * number)
    if "--write" in arguments:
        WRITTEN.write_text(page, encoding="utf-8")
    else:
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
