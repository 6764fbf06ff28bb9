"""Who gave a verdict, as a number: sessions are what the data format tells apart, and no person can be found by one."""

import hashlib
from typing import Final

_HEX_DIGITS: Final = 16
_MIDDLE: Final = 2**63

VOTER_SQL: Final = (
    "CAST(CAST(CAST('0x' || left(md5({session}), 16) AS UBIGINT) AS HUGEINT) - 9223372036854775808 AS BIGINT)"
)
"""The same as `voter_of`, for DuckDB: rows of files that are older than voters are given theirs."""


def voter_of(session: str) -> int:
    """The number of whoever measured, signed, 64 bits: the first 16 hex digits of the session's MD5, less 2^63.

    session is the measurement's report id, its uid where it has none. MD5, because every engine has it; two sessions
    made to share a number are one voter, which helps nobody.
    """
    digest = hashlib.md5(session.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
    return int(digest[:_HEX_DIGITS], 16) - _MIDDLE
