import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from lampwatch.model.errors import UserError
from lampwatch.pipeline.measuring import Prober
from tests.cli.running import ended, lampwatch, started
from tests.probe.collector import FaultyCollector, collecting
from tests.probe.spooling import contents, spool_at

HEADER = "url,category_code,category_description,date_added,source,notes\n"
SERVICES = {
    "connectivity",
    "telegram",
    "whatsapp",
    "signal",
    "facebook_messenger",
    "tor",
    "stun_reachability",
    "echcheck",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with lists of KZ and of everywhere."""
    lists = tmp_path / "lists"
    lists.mkdir()
    (lists / "kz.csv").write_text(HEADER + "https://news.kz/,NEWS,,,,\nhttps://party.kz/,POLR,,,,\n")
    (lists / "global.csv").write_text(HEADER + "https://world.test/,NEWS,,,,\n")
    lampwatch("lists", "update", "--from", lists, "--data", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def _no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs follow each other at once here, and no site is there to be spared."""
    monkeypatch.setattr("lampwatch.cli.probe.SITE_GAP_S", 0.0)


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is asked to be measured; every measurement goes well, and no network is touched."""
    asked: list[dict[str, Any]] = []

    async def instead(self: Prober, method: str, target: str, **_: object) -> bytes:
        asked.append({"test_name": method, "input": target})
        vantage = self.vantage
        return json.dumps(
            {
                "test_name": method,
                "input": target,
                "probe_cc": vantage.probe_cc,
                "probe_asn": f"AS{vantage.probe_asn}",
                "annotations": {"number": str(len(asked)), **vantage.annotations},
                "test_keys": {},
            }
        ).encode()

    monkeypatch.setattr(Prober, "measured", instead)
    return asked


def probe(data: Path, *arguments: object, **more: Any) -> Result:
    return lampwatch("probe", "--data", data, "--once", "--resolver", "none", *arguments, **more)


def spooled(data: Path) -> list[dict[str, Any]]:
    with spool_at(data / "probe") as spool:
        return [json.loads(content) for content in contents(spool)]


def test_without_consent_nothing_is_measured(data: Path, measured: list[dict[str, Any]]) -> None:
    for answer in (b"", b"no\n", b"y\n"):
        result = probe(data, stdin=answer)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "against the law" in result.stdout
    assert measured == []
    assert not (data / "probe").exists()


def test_consent_is_asked_for_once(data: Path, measured: list[dict[str, Any]]) -> None:
    first = probe(data, "--country", "KZ", stdin=b"yes\n")
    again = probe(data, "--country", "KZ")
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert "against the law" not in again.stdout
    assert json.loads((data / "probe" / "consent.json").read_text())["how"] == "typed"
    assert measured != []


def test_consent_can_be_given_by_an_option(data: Path, measured: list[dict[str, Any]]) -> None:
    result = probe(data, "--yes", "--limit", 1)
    assert result.exit_code == 0
    assert "against the law" in result.stdout
    assert json.loads((data / "probe" / "consent.json").read_text())["how"] == "option"
    assert len(measured) == 1


def test_services_and_the_lists_of_the_country_are_measured_and_kept(
    data: Path, measured: list[dict[str, Any]]
) -> None:
    result = probe(data, "--yes", "--country", "kz", "--asn", "AS9198")
    assert result.exit_code == 0, result.output
    found = spooled(data)
    assert {one["test_name"] for one in found} == {"web_connectivity", *SERVICES}
    urls = {one["input"] for one in found if one["test_name"] == "web_connectivity"}
    assert urls == {"https://news.kz/", "https://party.kz/", "https://world.test/"}
    assert {(one["probe_cc"], one["probe_asn"]) for one in found} == {("KZ", "AS9198")}
    assert next(one["input"] for one in found if one["test_name"] == "connectivity") == "egov.kz,kaspi.kz"
    assert f"{len(measured)} measured, 0 sent, {len(measured)} wait" in result.stdout


def test_a_category_and_a_method_narrow_what_is_measured(data: Path, measured: list[dict[str, Any]]) -> None:
    result = probe(data, "--yes", "--country", "KZ", "--category", "news", "--method", "web_connectivity")
    assert result.exit_code == 0, result.output
    assert sorted(one["input"] for one in measured) == ["https://news.kz/", "https://world.test/"]


def test_what_was_measured_is_sent_and_the_collector_says_where_that_was(
    data: Path, measured: list[dict[str, Any]]
) -> None:
    collector = FaultyCollector()
    collector.check_in = {"probe_cc": "KZ", "probe_asn": "AS9198", "probe_network_name": "Kazakhtelecom"}
    with collecting(collector):
        result = probe(data, "--yes", "--collector", collector.address)
    assert result.exit_code == 0, result.output
    assert collector.numbers() == list(range(1, len(measured) + 1))
    assert {one["probe_cc"] for one in collector.stored} == {"KZ"}
    assert "measuring from KZ AS9198 Kazakhtelecom" in result.stdout
    assert spooled(data) == []


def test_without_lists_the_collector_s_urls_are_measured(
    tmp_path: Path, measured: list[dict[str, Any]]
) -> None:
    collector = FaultyCollector()
    urls = [{"url": "https://offered.test/", "category_code": "NEWS"}]
    collector.check_in = {"probe_cc": "KZ", "tests": {"web_connectivity": {"urls": urls}}}
    with collecting(collector):
        probe(tmp_path, "--yes", "--collector", collector.address, "--method", "web_connectivity")
    assert [one["input"] for one in measured] == ["https://offered.test/"]


def test_in_a_blackout_all_is_kept_and_sent_afterwards(
    data: Path, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = FaultyCollector()
    collector.check_in = {"probe_cc": "KZ", "probe_asn": "AS9198"}
    with collecting(collector):
        probe(data, "--yes", "--collector", collector.address, "--limit", 1)

    async def gives_up(*_: object, **__: object) -> str:
        return "no way out"

    with monkeypatch.context() as patched:
        patched.setattr("lampwatch.probe.upload.Uploader.drain", gives_up)
        dark = probe(data, "--collector", "http://127.0.0.1:1")
    assert dark.exit_code == 0
    assert "the collector cannot be asked where this is" in dark.stdout
    assert "measuring from KZ AS9198" in dark.stdout
    assert len(spooled(data)) == len(measured) - 1
    assert all("lampwatch_whereabouts" in one["annotations"] for one in spooled(data))
    with collecting(collector):
        probe(data, "--collector", collector.address, "--limit", 1)
    assert collector.numbers() == list(range(1, len(measured) + 1))
    assert spooled(data) == []


def test_the_day_s_budget_is_kept_over_restarts(data: Path, measured: list[dict[str, Any]]) -> None:
    probe(data, "--yes", "--country", "KZ", "--budget", 3)
    probe(data, "--country", "KZ", "--budget", 3)
    assert len(measured) == 3
    probe(data, "--country", "KZ", "--budget", 5)
    assert len(measured) == 5


def test_a_probe_that_nobody_tells_its_address_asks_a_stun_server_first_though_it_is_not_due(
    data: Path, measured: list[dict[str, Any]]
) -> None:
    only = ("--method", "stun_reachability", "--method", "web_connectivity")
    assert probe(data, "--yes", *only).exit_code == 0
    measured.clear()
    later = ("--clock-shift", 3600, "--limit", 1, "--resolver", "none")
    result = lampwatch("probe", "--data", data, *later, *only)
    assert result.exit_code == 0, result.output
    assert [one["test_name"] for one in measured] == ["stun_reachability"]


def test_a_target_that_cannot_be_measured_is_told_and_the_rest_goes_on(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuses(*_: object, **__: object) -> bytes:
        raise UserError("no URL that can be measured")

    monkeypatch.setattr(Prober, "measured", refuses)
    result = probe(data, "--yes", "--method", "telegram", "--method", "signal")
    assert result.exit_code == 0
    assert "telegram was not measured" in result.stdout
    assert "2 could not be measured" in result.stdout


def test_an_interruption_ends_with_130_and_keeps_what_was_measured(
    data: Path, measured: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    instead: Callable[..., Any] = Prober.measured

    async def interrupted(*arguments: Any, **more: Any) -> bytes:
        if len(measured) == 2:
            signal.raise_signal(signal.SIGINT)
        return bytes(await instead(*arguments, **more))

    monkeypatch.setattr(Prober, "measured", interrupted)
    result = probe(data, "--yes", "--country", "KZ", "--parallel", 1)
    assert result.exit_code == 130
    assert "wait in the spool" in result.stdout
    assert len(spooled(data)) >= 2


def test_a_polite_kill_ends_it_too(data: Path) -> None:
    (data / "probe").mkdir()
    # Nothing is due for which there is a list, so that the program waits and touches no network.
    program = started(
        "probe",
        "--data",
        data,
        "--yes",
        "--method",
        "web_connectivity",
        "--country",
        "RU",
        "--category",
        "NONE",
        "--budget",
        "1",
        "--collector",
        "http://127.0.0.1:1",
    )
    assert program.stdout is not None
    while b"no control is known" not in program.stdout.readline():
        assert program.poll() is None
    program.send_signal(signal.SIGTERM)
    status, out, err = ended(program)
    assert status == 130
    assert "0 measured" in out
    assert "interrupted" in err


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--method", "nonsense"), "cannot be scheduled"),
        (("--method", "dnscheck"), "cannot be scheduled"),
        (("--country", "Kazakhstan"), "is no country"),
        (("--asn", "Kazakhtelecom"), "is no network"),
        (("--asn", "AS99999999999"), "is no network"),
        (("--budget", "much"), "is no size"),
        (("--spool-size", "1"), "is no size"),
        (("--collector", "http://collector.example/"), "https://"),
        (("--ca-file", "/absent.pem"), "absent.pem"),
    ],
)
def test_a_mistake_is_told_in_one_line(data: Path, arguments: tuple[str, ...], why: str) -> None:
    result = probe(data, "--yes", *arguments)
    assert result.exit_code == 2
    assert why in result.stderr
    assert result.stderr.count("\n") == 1
