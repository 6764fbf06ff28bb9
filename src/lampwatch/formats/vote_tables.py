"""Votes and what is derived from them, as Arrow schemas: what the store counts and detection of blocking reads.

Types are those of `tables_schema`. Where a text is not known it is empty, never null.
"""

from typing import Final, NamedTuple

import pyarrow as pa

from lampwatch.formats.tables_schema import INTEGER, INTEGERS, TEXT, TIME

MOST_VOTERS: Final = 64
"""So many voters of a row are kept, the smallest numbers first: enough to count distinct ones wherever it matters."""

HISTORY: Final = (("probe_cc", TEXT), ("target", TEXT), ("method", TEXT), ("probe_asn", INTEGER))
"""What tells one history from another."""

VOTE: Final = pa.schema(
    [
        *HISTORY,
        ("hour", TIME),
        ("state", TEXT),
        ("mechanism", TEXT),
        ("rule_id", TEXT),
        ("fingerprint", TEXT),
        ("evidence", TEXT),
        ("control", TEXT),
        ("software", TEXT),
        ("rules_version", TEXT),
        ("verdicts", INTEGER),
        ("voters", INTEGERS),
        ("first", TIME),
        ("last", TIME),
        ("witness", TEXT),
    ]
)
"""What was found in one hour, for one reason. All columns up to rules_version are the key.

software is name and version (`ooniprobe-android 5.2.1`). voters are distinct and ascending. first and last are when the
earliest and the latest of these measurements began; witness is the uid of the earliest (of several, the least).
"""

COVERAGE: Final = pa.schema(
    [
        *HISTORY,
        ("day", TEXT),
        ("ok", INTEGER),
        ("down", INTEGER),
        ("blocked", INTEGER),
        ("unknown", INTEGER),
        ("least_voter", INTEGER),
        ("greatest_voter", INTEGER),
    ]
)
"""Verdicts by state and day, for every target and method that some verdict calls blocked, wherever it was measured.

least_voter and greatest_voter are of those whose verdicts decide (ok and blocked): where they are one number, all
are one voter's. Both are 0 where none decides.
"""

PRESENCE: Final = pa.schema(
    [
        ("probe_cc", TEXT),
        ("probe_asn", INTEGER),
        ("first_day", TEXT),
        ("last_day", TEXT),
        ("days", INTEGER),
        ("targets", INTEGER),
        ("verdicts", INTEGER),
    ]
)
"""Since when, how often and how broadly a network is measured; days are those with a verdict."""


class Evidence(NamedTuple):
    """What detection of blocking looks at: three tables with the schemas above, of any number of countries, unordered.

    histories has the votes of troubled histories: those of one country, target, method and network in which some
    verdict of the window is blocked. coverage tells of the same targets and methods wherever they were measured,
    presence of the networks.
    """

    histories: pa.Table
    coverage: pa.Table
    presence: pa.Table


EVIDENCE: Final = {"histories": VOTE, "coverage": COVERAGE, "presence": PRESENCE}
"""The schema of each of its tables."""

GROUP: Final = pa.schema(
    [("probe_cc", TEXT), ("target", TEXT), ("method", TEXT), ("votes", INTEGER), ("digest", INTEGER)]
)
"""The troubled histories of one target, as one method sees it, in one country: how many votes they have, and a number
that is another where a vote of theirs is another. It compares within one process alone.
"""
