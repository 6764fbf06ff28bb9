import stat
from pathlib import Path

import pytest

from lampwatch.model.errors import UserError
from lampwatch.probe.consent import FILE, TEXT, VERSION, Consent, given_consent, record_consent
from tests.probe.spooling import NOON


def test_nobody_has_agreed_before_anybody_did(tmp_path: Path) -> None:
    assert given_consent(tmp_path) is None


def test_consent_is_kept_with_its_date_and_the_version_of_the_text(tmp_path: Path) -> None:
    record_consent(tmp_path / "probe", NOON, "typed")
    assert given_consent(tmp_path / "probe") == Consent(VERSION, "2026-11-23T12:00:00Z", "typed")
    assert not stat.S_IMODE((tmp_path / "probe").stat().st_mode) & 0o077


def test_consent_to_another_text_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"version": 0, "given_at": "2020-01-01T00:00:00Z", "how": "typed"}')
    assert given_consent(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"yes", b"\xff", b"[]", b'{"version": 1}'])
def test_what_cannot_be_read_is_no_consent(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert given_consent(tmp_path) is None


def test_where_it_cannot_be_written_the_user_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        record_consent(tmp_path / "file", NOON, "typed")


@pytest.mark.parametrize(
    "said",
    [
        "against the law",
        "danger",
        "public for good",
        "Ctrl-C",
        "Delete that folder",
        "as if you had made them",
    ],
)
def test_the_text_names_the_risks_and_how_to_stop(said: str) -> None:
    assert said in TEXT
