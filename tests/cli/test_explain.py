from pathlib import Path

import pytest

from tests.cli.running import example_lines, lampwatch, rows, said, written
from tests.judge.chains import HOST, censor, issued, root
from tests.pipeline.witnesses import measured, shown, uid_of


@pytest.fixture
def blocked(example: Path) -> dict[str, str]:
    """The first measurement of news.example being reset."""
    found: dict[str, str] = rows(example, "--target", "news.example", "--state", "blocked")[0]
    return found


def test_it_shows_the_verdict_with_its_reason_and_rule(example: Path, blocked: dict[str, str]) -> None:
    out = said("explain", blocked["measurement_uid"], "--data", example)
    assert f"news.example is BLOCKED (tls · tls_sni_reset), because {blocked['because']}." in out
    assert blocked["rule_id"] in out
    assert blocked["rules_version"] in out
    assert "the control worked" in out


def test_it_shows_who_measured_where_and_where_it_came_from(example: Path, blocked: dict[str, str]) -> None:
    out = said("explain", blocked["measurement_uid"], "--data", example)
    assert "in XA on AS64512 Example Telecom (invented)" in out
    assert "2026-11-16 07:03:03 UTC" in out
    assert f"came from {blocked['source']}, line " in out


def test_it_shows_the_facts_and_marks_those_the_verdict_rests_on(
    example: Path, blocked: dict[str, str]
) -> None:
    lines = said("explain", blocked["measurement_uid"], "--data", example).splitlines()
    marked = [line for line in lines if line.startswith(" * ")]
    assert any("probe" in line and "failure=connection_reset" in line for line in marked)
    assert any("control" in line and "93.184.216.40" in line for line in marked)
    assert any("93.184.216.40" in line and not line.startswith(" * ") for line in lines)


def test_it_says_where_the_raw_bytes_are_and_gives_them_as_they_came(
    example: Path, blocked: dict[str, str]
) -> None:
    uid = blocked["measurement_uid"]
    assert f"lampwatch explain {uid} --raw" in said("explain", uid, "--data", example)
    raw = said("explain", uid, "--data", example, "--raw").encode()
    assert raw.rstrip(b"\n") in example_lines()


@pytest.mark.parametrize(
    "target", sorted({"telegram", "signal", "tor", "path", "dns.example", "music.example"})
)
def test_every_kind_of_measurement_can_be_explained(target: str, example: Path) -> None:
    for row in rows(example, "--target", target):
        out = said("explain", row["measurement_uid"], "--data", example)
        assert f"{target} is {row['state'].upper()}" in out


def test_an_id_that_is_not_known_is_told_in_one_line(example: Path) -> None:
    result = lampwatch("explain", "20260101000000.000000_XA_telegram_0123456789abcdef", "--data", example)
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("lampwatch: no measurement is called 20260101000000")


def test_a_segment_that_is_gone_is_told_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(example_lines()[0] + b"\n")
    said("ingest", path, "--data", tmp_path / "data")
    for segment in (tmp_path / "data" / "raw").glob("*.zst"):
        segment.unlink()
    uid = rows(tmp_path / "data")[0]["measurement_uid"]
    result = lampwatch("explain", uid, "--raw", "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_each_part_stands_on_a_line_of_its_own(example: Path, blocked: dict[str, str]) -> None:
    lines = said("explain", blocked["measurement_uid"], "--data", example).splitlines()
    assert lines[0] == blocked["measurement_uid"]
    assert not any("\\n" in line for line in lines)


def test_a_re_check_says_whether_the_measurement_holds_as_a_witness(
    example: Path, blocked: dict[str, str]
) -> None:
    out = said("explain", blocked["measurement_uid"], "--data", example, "--recheck")
    assert "Re-checked from its raw bytes as a witness: it holds." in out
    assert "its bytes say the same of news.example: blocked (tls · tls_sni_reset)" in out


def test_a_re_check_tells_of_certificates_and_whom_they_name(tmp_path: Path) -> None:
    lie, truth = measured(shown(issued(HOST))), measured(shown(issued(HOST, by=censor())))
    path = written(tmp_path / "a.jsonl", [lie, truth])
    authority = tmp_path / "authority.pem"
    authority.write_bytes(root().cert_pem.bytes())
    said("ingest", path, "--data", tmp_path / "data")
    explained = ("--data", tmp_path / "data", "--recheck", "--ca-file", authority)
    assert "it does NOT hold" in said("explain", uid_of(lie), *explained)
    out = said("explain", uid_of(truth), *explained)
    assert "certificates, as checked here at the time of the measurement" in out
    assert "O=The Censor" in out


def test_a_re_check_with_no_authorities_is_told_in_one_line(example: Path, blocked: dict[str, str]) -> None:
    result = lampwatch(
        "explain", blocked["measurement_uid"], "--data", example, "--recheck", "--ca-file", example / "absent"
    )
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "cannot be read" in line
