import hashlib

import duckdb
import pytest

from lampwatch.formats.voters import VOTER_SQL, voter_of


def test_a_voter_is_the_first_half_of_the_session_s_hash_in_the_middle_of_all_integers() -> None:
    assert voter_of("report") == int(hashlib.md5(b"report").hexdigest()[:16], 16) - 2**63  # noqa: S324  no secret
    assert voter_of("report") == 7605787023242520459
    assert voter_of("other") != voter_of("report")


@pytest.mark.parametrize("session", ["report", "", "ü\x00\n'", "😀" * 1000])
def test_duckdb_makes_the_same_number(session: str) -> None:
    with duckdb.connect() as opened:
        row = opened.execute(
            f"SELECT {VOTER_SQL.format(session='$session')}", {"session": session}
        ).fetchone()
    assert row == (voter_of(session),)


def test_a_session_that_is_no_unicode_has_the_number_of_what_is_stored_of_it() -> None:
    assert voter_of("a\ud800b") == voter_of("a?b")
