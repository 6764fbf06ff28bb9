import datetime as dt
import hashlib

import pyarrow as pa
import pytest

from lampwatch.formats.tables import Rows
from lampwatch.formats.tables_facts import FACT_COLUMNS
from lampwatch.formats.tables_schema import OBSERVATIONS, OWNER, SCHEMAS
from lampwatch.formats.voters import voter_of
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement, Reason, SetAside
from lampwatch.model.observation import (
    DnsLookup,
    Echo,
    Facts,
    Handshake,
    HttpExchange,
    Observations,
    TcpConnect,
    witnessed,
)
from lampwatch.model.verdict import Finding, Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State

START = dt.datetime(2022, 1, 5, 12, 30)  # noqa: DTZ001  start times are UTC without a zone
HEADER = Measurement(
    uid="20220105123000_KZ_webconnectivity_00",
    method="web_connectivity",
    method_version="0.4.3",
    input="https://site.test/",
    start_time=START,
    probe_cc="KZ",
    probe_asn=9198,
    report_id="report",
    software_name="ooniprobe",
    software_version="3.8.0",
    source="kz.jsonl",
    position=7,
    size=100,
)
BLOCKED = Verdict(
    target="site.test",
    state=State.BLOCKED,
    layer=Layer.TLS,
    mechanism=Mechanism.TLS_SNI_RESET,
    evidence=Evidence.COMPARED,
    rule_id="tls.reset",
    because="it was reset",
    control=Control.WORKED,
    fingerprint="kz_1",
    findings=(
        Finding("dns.bogon", Layer.DNS, Mechanism.DNS_BOGON),
        Finding("tls.other", Layer.TLS, Mechanism.TLS_SNI_DROP),
        Finding("none", None, None),
    ),
    witnesses=(witnessed("probe", "tcp", 3), witnessed("control", "handshake", 0)),
)
UNKNOWN = Verdict(
    "b.test", State.UNKNOWN, None, None, Evidence.NONE, "last", "nothing worked", Control.ABSENT
)
EVERYTHING = Facts(
    dns=[
        DnsLookup(
            "site.test",
            "A",
            "system",
            "",
            Failure.DNS_NXDOMAIN,
            ("192.0.2.1",),
            (64500,),
            1,
            2,
            0.5,
            late=True,
        )
    ],
    tcp=[TcpConnect("192.0.2.1", 443, None, 1, 2, 0.5)],
    handshakes=[Handshake("tls", "site.test", "192.0.2.1", 443, None, True, "TLSv1.3", "aa", 1, 2, 0.5)],
    http=[
        HttpExchange(
            url="https://site.test/",
            method="GET",
            ip="192.0.2.1",
            port=443,
            failure=None,
            status=302,
            headers={"server": "nginx", "location": "https://other.test/", "set-cookie": "secret"},
            title="A title",
            body="the secret body",
        )
    ],
    echoes=[Echo("header", "sent", "received", ("host",))],
)


def rows() -> Rows:
    return Rows(rules_version="r1", networks_version="n1", fingerprints_version="f1")


def tables(
    observations: Observations | None = None, verdicts: tuple[Verdict, ...] = (), header: Measurement = HEADER
) -> dict[str, pa.RecordBatch]:
    gathered = rows()
    gathered.add(header, observations, verdicts, network_name="Kazakhtelecom", n=4)
    return gathered.tables()


def test_every_table_has_its_schema_even_when_it_is_empty() -> None:
    assert {name: batch.schema for name, batch in rows().tables().items()} == SCHEMAS
    assert {
        name: batch.schema for name, batch in tables(Observations(EVERYTHING), (BLOCKED,)).items()
    } == SCHEMAS


@pytest.mark.parametrize("name", SCHEMAS)
def test_numbers_are_of_the_types_that_engines_agree_on(name: str) -> None:
    def plain(type_: pa.DataType) -> bool:
        if pa.types.is_list(type_):
            return plain(type_.value_type)
        known = (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.timestamp("us"), pa.binary())
        return type_ in known

    assert all(plain(type_) for type_ in SCHEMAS[name].types)


@pytest.mark.parametrize("kind", OBSERVATIONS)
def test_every_kind_of_fact_has_as_many_columns_as_its_table(kind: str) -> None:
    assert len(FACT_COLUMNS[kind]([])) == len(OBSERVATIONS[kind].names) - len(OWNER)


def test_a_measurement_row_tells_its_header_and_what_its_verdicts_came_to() -> None:
    (row,) = tables(None, (BLOCKED, UNKNOWN))["measurement"].to_pylist()
    assert row == {
        "uid": HEADER.uid,
        "day": "2022-01-05",
        "start_time": START,
        "method": "web_connectivity",
        "method_version": "0.4.3",
        "input": "https://site.test/",
        "probe_cc": "KZ",
        "probe_asn": 9198,
        "network_name": "Kazakhtelecom",
        "report_id": "report",
        "software_name": "ooniprobe",
        "software_version": "3.8.0",
        "source": "kz.jsonl",
        "position": 7,
        "size": 100,
        "n": 4,
        "states": ["blocked", "unknown"],
        "anomaly": True,
        "confirmed": True,
        "failure": False,
    }


@pytest.mark.parametrize("verdicts", [(), (UNKNOWN,)])
def test_a_measurement_that_says_nothing_is_a_failure(verdicts: tuple[Verdict, ...]) -> None:
    (row,) = tables(None, verdicts)["measurement"].to_pylist()
    assert (row["anomaly"], row["confirmed"], row["failure"]) == (False, False, True)


def test_a_verdict_row_carries_who_measured_it_why_and_by_which_versions() -> None:
    first, second = tables(None, (BLOCKED, UNKNOWN))["verdict"].to_pylist()
    assert first["uid"] == second["uid"] == HEADER.uid
    assert (first["day"], first["network_name"], first["probe_asn"]) == ("2022-01-05", "Kazakhtelecom", 9198)
    assert first["findings"] == ["dns.bogon", "tls.other", "none"]
    assert first["layers"] == ["tls", "dns"]
    assert first["witnesses"] == ["probe.tcp.3", "control.handshake.0"]
    assert (first["state"], first["mechanism"], first["fingerprint"]) == ("blocked", "tls_sni_reset", "kz_1")
    assert [second[name] for name in ("rules_version", "networks_version", "fingerprints_version")] == [
        "r1",
        "n1",
        "f1",
    ]
    assert (second["layer"], second["layers"], second["findings"]) == (None, [], [])


def test_a_verdict_row_carries_its_session_s_number_and_the_software() -> None:
    gathered = rows()
    for report_id, name, version in [
        ("r", "probe-cli", "3.0"),
        ("r", "", " 3.0 "),
        ("", "probe-cli", ""),
        ("", "", ""),
    ]:
        header = Measurement(f"uid {report_id}", "m", "", "", START, "KZ", 1, report_id, name, version)
        gathered.add(header, None, (UNKNOWN, UNKNOWN), network_name="")
    found = gathered.tables()["verdict"]
    by_report, by_uid = voter_of("r"), voter_of("uid ")
    assert found["voter"].to_pylist() == [by_report] * 4 + [by_uid] * 4
    assert found["software"].to_pylist()[::2] == ["probe-cli 3.0", "3.0", "probe-cli", ""]


def test_verdicts_belong_to_their_own_measurement() -> None:
    gathered = rows()
    for n, verdicts in enumerate([(), (BLOCKED, UNKNOWN), (), (UNKNOWN,)]):
        header = Measurement(f"uid{n}", "m", "", "", START, "KZ", n, "", "", "")
        gathered.add(header, None, verdicts, network_name="")
    assert gathered.tables()["verdict"]["uid"].to_pylist() == ["uid1", "uid1", "uid3"]


def test_facts_are_numbered_within_measurement_vantage_and_kind() -> None:
    tcp = [TcpConnect(f"192.0.2.{n}", 443, None) for n in range(3)]
    observed = Observations(Facts(tcp=tcp), Facts(tcp=tcp[:2]))
    gathered = rows()
    gathered.add(HEADER, observed, [], network_name="")
    gathered.add(Measurement("other", "m", "", "", START, "KZ", 1, "", "", ""), observed, [], network_name="")
    found = [(row["uid"], row["vantage"], row["n"]) for row in gathered.tables()["tcp"].to_pylist()]
    expected = [("probe", 0), ("probe", 1), ("probe", 2), ("control", 0), ("control", 1)]
    assert found == [(uid, *place) for uid in (HEADER.uid, "other") for place in expected]


def test_every_field_of_a_fact_is_kept() -> None:
    made = tables(Observations(EVERYTHING))
    owner = {"uid": HEADER.uid, "day": "2022-01-05", "vantage": "probe", "n": 0}
    assert made["dns"].to_pylist() == [
        owner
        | {
            "hostname": "site.test",
            "query_type": "A",
            "engine": "system",
            "resolver": "",
            "failure": "dns_nxdomain_error",
            "answers": ["192.0.2.1"],
            "asns": [64500],
            "transaction_id": 1,
            "depth": 2,
            "t": 0.5,
            "late": True,
        }
    ]
    assert made["handshake"].to_pylist()[0]["certificate"] == "aa"
    assert made["echo"].to_pylist()[0]["changed"] == ["host"]


def test_neither_bodies_nor_values_of_headers_are_kept() -> None:
    batch = tables(Observations(EVERYTHING))["http"]
    (row,) = batch.to_pylist()
    assert row["header_names"] == ["server", "location", "set-cookie"]
    assert (row["server"], row["location"]) == ("nginx", "https://other.test/")
    assert "secret" not in str(row)


def test_a_document_set_aside_has_a_name_made_of_what_it_is() -> None:
    gathered = rows()
    gathered.set_aside(SetAside("kz.jsonl", 3, Reason.NOT_JSON, "no JSON", 3, b"{x}"), n=2)
    gathered.set_aside(SetAside("kz.jsonl", 3, Reason.NOT_JSON, "told otherwise", 3, b"{x}"))
    gathered.set_aside(SetAside("kz.jsonl", 4, Reason.NOT_JSON, "no JSON", 3, b"{x}"))
    first, again, other = gathered.tables()["quarantine"].to_pylist()
    assert first["id"] == hashlib.sha256(b"kz.jsonl\x003\x00not_json\x00{x}").hexdigest()[:32] == again["id"]
    assert other["id"] != first["id"]
    assert (first["n"], again["n"], first["raw"]) == (2, -1, b"{x}")


def test_hostile_values_are_stored_as_the_nearest_that_can_be() -> None:
    tcp = [TcpConnect("a\ud800b", 10**30, None), TcpConnect("c", -(10**30), None)]
    dns = [DnsLookup("a\x00b", "A", "system", "", None, ("\udfff",), (2**70,))]
    made = tables(Observations(Facts(dns=dns, tcp=tcp)))
    assert made["tcp"]["ip"].to_pylist() == ["a?b", "c"]
    assert made["tcp"]["port"].to_pylist() == [2**63 - 1, -(2**63)]
    assert made["dns"]["hostname"].to_pylist() == ["a\x00b"]
    assert made["dns"]["answers"].to_pylist() == [["?"]]
    assert made["dns"]["asns"].to_pylist() == [[2**63 - 1]]
