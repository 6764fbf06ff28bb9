"""Real and simulated measurements against the truth of what happened."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lampwatch.cli import main
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.measurement import Reason
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from tests.external.reading import METHODS, cases, fingerprints, judged, read
from tests.external.truths import TRUTHS

# Real measurements of services that worked: of every one, each target's state.
WORKED = {
    "ts-006-header-field-manipulation": {"path": State.OK},
    "ts-007-http-invalid-request-line": {"path": State.OK},
    "ts-016-openvpn": {"openvpn": State.OK},
    "ts-016-vanilla-tor": {"tor": State.OK},
    "ts-017-web-connectivity": {"www.example.com": State.OK},
    "ts-018-whatsapp": {"whatsapp": State.OK, "v.whatsapp.net": State.OK, "web.whatsapp.com": State.OK},
    "ts-019-facebook-messenger": {"facebook_messenger": State.OK},
    "ts-020-telegram": {"telegram": State.OK, "web.telegram.org": State.OK},
    "ts-023-tor": {"tor": State.OK, "tor-obfs4": State.OK},
    "ts-025-stun-reachability": {"stun.l.google.com": State.OK},
    "ts-028-dnscheck": {"dns.google": State.OK},
    "ts-029-signal": {"signal": State.OK},
    "ts-030-torsf": {"tor-snowflake": State.OK},
    "ts-039-echcheck": {"echcheck": State.OK},
}


@pytest.fixture(params=["without references", "with fingerprints"])
def references(request: pytest.FixtureRequest, shared_data: Path) -> References:
    return NO_REFERENCES if request.param == "without references" else fingerprints(shared_data)


def examples(shared: Path) -> list[Path]:
    found = sorted((shared / "measurements" / "spec-examples").glob("*.json"))
    if not found:
        pytest.skip("no examples of the specification among the shared data")
    return found


def verdict_on(case: Path, references: References) -> Verdict:
    (verdict,) = judged(read(case / "measurement.json"), references)
    return verdict


def test_every_case_is_judged_by_its_truth(shared_data: Path, references: References) -> None:
    mistakes = {
        case.name: (found, verdict.rule_id)
        for case in cases(shared_data)
        if (found := TRUTHS[case.name].mistakes(verdict := verdict_on(case, references)))
    }
    assert mistakes == {}


def test_every_case_has_a_truth(shared_data: Path) -> None:
    assert [case.name for case in cases(shared_data) if case.name not in TRUTHS] == []


def test_the_table_of_cases_is_shown(shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        ("case", "OONI: blocking", "accessible", "dns", "Lampwatch", "layers", "mechanism", "rule"),
        *[_row(case, fingerprints(shared_data)) for case in cases(shared_data)],
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    with capsys.disabled():
        # Standard error, because a worker of xdist has no standard output.
        print(f"\n{table}\n", file=sys.stderr, flush=True)  # noqa: T201  the table is what this test is for
    assert len(rows) > 1


def _row(case: Path, references: References) -> tuple[str, ...]:
    keys = json.loads((case / "measurement.json").read_bytes())["test_keys"]
    verdict = verdict_on(case, references)
    layers = dict.fromkeys([verdict.layer, *(finding.layer for finding in verdict.findings)])
    return (
        case.name,
        str(keys.get("blocking")),
        str(keys.get("accessible")),
        str(keys.get("dns_consistency")),
        verdict.state,
        "+".join(layer for layer in layers if layer is not None) or "-",
        verdict.mechanism or "-",
        verdict.rule_id,
    )


def test_every_example_of_a_method_we_judge_has_an_expected_verdict(shared_data: Path) -> None:
    known = {file.stem for file in examples(shared_data) if read(file).measurement.method in METHODS}
    assert known == set(WORKED)


def test_every_example_is_judged_as_it_was(shared_data: Path, references: References) -> None:
    states = {
        file.stem: {verdict.target: verdict.state for verdict in judged(document, references)}
        for file in examples(shared_data)
        if (document := read(file)).measurement.method in METHODS
    }
    assert states == WORKED


def test_everything_shared_is_taken_in_by_the_command_line(shared_data: Path, tmp_path: Path) -> None:
    place = ["--data", str(tmp_path / "data")]
    run = CliRunner(catch_exceptions=False)
    taken_in = run.invoke(main, ["ingest", str(shared_data / "measurements"), *place])
    assert taken_in.exit_code == 0, taken_in.output
    assert Reason.INTERNAL_ERROR not in taken_in.output
    failed = run.invoke(main, ["quarantine", "--reason", str(Reason.INTERNAL_ERROR), *place])
    assert (failed.exit_code, failed.output) == (0, "Nothing is set aside as internal_error.\n")
