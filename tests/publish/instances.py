"""Instances to publish from: hand-made measurements in a real store, with names that tests can rely on."""

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
from fastapi import FastAPI

from lampwatch.formats.archive import pack
from lampwatch.formats.tables import Rows
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
from lampwatch.publish.app import create_app
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.rows import Snapshot

NOW = dt.datetime(2022, 1, 8, 12, 0)  # noqa: DTZ001  times at rest are UTC without a zone
BLOCKED_UID = "20220105040000_KZ_webconnectivity_0000000000000001"
HOSTILE_UID = "20220106050000_KZ_webconnectivity_00000000000000ff"
HOSTILE = "<script>alert('x')</script>\"'><img src=//evil.test onerror=alert(1)>\u202egnp"
KZ_NETWORKS = {9198: "Kazakhtelecom", 29355: "Kcell", 48503: "Tele2 Kazakhstan"}


class BookRule(msgspec.Struct, frozen=True):
    """A rule as the rule book of a method has it, without its condition."""

    id: str
    state: State
    because: str
    layer: Layer | None = None
    mechanism: Mechanism | None = None
    evidence: Evidence = Evidence.NONE
    rests_on: tuple[str, ...] = ()


RESET = BookRule(
    "web.tls.reset_after_client_hello.control_completes",
    State.BLOCKED,
    "the handshake was reset after our ClientHello, and from outside the same address completes it",
    Layer.TLS,
    Mechanism.TLS_SNI_RESET,
    Evidence.COMPARED,
    ("tls", "control.tls"),
)
SAME_PAGE = BookRule(
    "web.ok.same_page", State.OK, "the control got the same page", rests_on=("http", "control.http")
)
DOWN = BookRule(
    "web.down.control_failed_too", State.DOWN, "it failed from outside in the same way", rests_on=("tcp",)
)
UNSURE = BookRule(
    "web.unknown.no_control", State.UNKNOWN, "no control answered, so there is nothing to compare with"
)
RULES = {rule.id: rule for rule in (RESET, SAME_PAGE, DOWN, UNSURE)}


def verdict_by(rule: BookRule, target: str, *, fingerprint: str = "") -> Verdict:
    witnesses = (
        (witnessed("probe", "handshake", 0), witnessed("control", "handshake", 0)) if rule is RESET else ()
    )
    control = Control.ABSENT if rule is UNSURE else Control.FAILED if rule is DOWN else Control.WORKED
    findings = (Finding(UNSURE.id, Layer.HTTP, Mechanism.HTTP_RESET),) if rule is RESET else ()
    return Verdict(
        target=target,
        state=rule.state,
        layer=rule.layer,
        mechanism=rule.mechanism,
        evidence=rule.evidence,
        rule_id=rule.id,
        because=rule.because,
        control=control,
        hostname=target,
        fingerprint=fingerprint,
        findings=findings,
        witnesses=witnesses,
    )


def facts_of(host: str, *, reset: bool, title: str = "News from everywhere") -> Facts:
    failure = Failure.CONNECTION_RESET if reset else None
    return Facts(
        dns=(DnsLookup(host, "A", "system", "", None, ("93.184.216.34",), (15133,), t=0.031),),
        tcp=(TcpConnect("93.184.216.34", 443, None, t=0.12),),
        handshakes=(
            Handshake("tls", host, "93.184.216.34", 443, failure, not reset, "" if reset else "TLSv1.3"),
        ),
        http=()
        if reset
        else (
            HttpExchange(
                f"https://{host}/",
                "GET",
                "93.184.216.34",
                443,
                None,
                200,
                {"server": "nginx"},
                title,
                48_211,
                over_tls=True,
            ),
        ),
    )


def header(uid: str, *, url: str, source: str, asn: int, cc: str, at: dt.datetime, n: int) -> Measurement:
    return Measurement(
        uid=uid,
        method="web_connectivity",
        method_version="0.4.3",
        input=url,
        start_time=at,
        probe_cc=cc,
        probe_asn=asn,
        report_id=f"{at:%Y%m%dT%H%M%SZ}_webconnectivity_{cc}_{asn}_n1_abc",
        software_name="ooniprobe-android",
        software_version="3.16.7",
        source=source,
        position=n + 1,
        size=1234,
    )


def story() -> Iterable[tuple[Measurement, Observations, Verdict, str]]:
    """Six days of two sites in Kazakhstan, blocked from the third day on two of three networks; and one in Brazil."""
    n = 0
    for day in range(1, 7):
        for asn, name in KZ_NETWORKS.items():
            for hour, host in ((3, "news.example.org"), (4, "telegram.example.org")):
                n += 1
                at = dt.datetime(2022, 1, day, hour)  # noqa: DTZ001  as above
                is_reset = day >= 3 and asn != 48503 and (host.startswith("telegram") or day == 5)
                rule = RESET if is_reset else UNSURE if (day, asn) == (2, 29355) else SAME_PAGE
                uid = f"{at:%Y%m%d%H%M%S}_KZ_webconnectivity_{n + 255:016x}"
                if (day, asn, hour) == (5, 9198, 4):
                    uid = BLOCKED_UID
                found = header(
                    uid, url=f"https://{host}/", source="kz.jsonl.zst", asn=asn, cc="KZ", at=at, n=n
                )
                control = None if rule is UNSURE else facts_of(host, reset=False)
                yield (
                    found,
                    Observations(facts_of(host, reset=is_reset), control),
                    verdict_by(rule, host),
                    name,
                )
    at = dt.datetime(2022, 1, 7, 9)  # noqa: DTZ001  as above
    found = header(
        "20220107090000_BR_webconnectivity_00000000000000aa",
        url="https://gone.example.net/",
        source="br.jsonl",
        asn=0,
        cc="BR",
        at=at,
        n=1,
    )
    yield (
        found,
        Observations(facts_of("gone.example.net", reset=True)),
        verdict_by(DOWN, "gone.example.net"),
        "",
    )


def hostile() -> tuple[Measurement, Observations, Verdict, str]:
    """A measurement whose every free text is an attack on whoever reads it."""
    at = dt.datetime(2022, 1, 6, 5)  # noqa: DTZ001  times at rest are UTC without a zone
    found = header(
        HOSTILE_UID, url=f"http://{HOSTILE}/", source=f"=cmd|{HOSTILE}", asn=9198, cc="KZ", at=at, n=9
    )
    probe = facts_of(HOSTILE, reset=False, title=HOSTILE)
    facts = Facts(
        dns=probe.dns,
        tcp=probe.tcp,
        handshakes=probe.handshakes,
        http=probe.http,
        echoes=(Echo(HOSTILE, HOSTILE, HOSTILE, (HOSTILE,), None),),
    )
    return found, Observations(facts, facts), verdict_by(UNSURE, HOSTILE, fingerprint=HOSTILE), HOSTILE


def raw_of(measurement: Measurement) -> bytes:
    return json.dumps(
        {
            "measurement_start_time": f"{measurement.start_time}",
            "test_start_time": "2022-01-05 03:59:58",
            "test_name": measurement.method,
            "input": measurement.input,
            "test_keys": {},
        }
    ).encode()


def filled(folder: Path, told: Iterable[tuple[Measurement, Observations, Verdict, str]]) -> DuckDBStore:
    """A store that holds these measurements, their bytes in the archive beside it."""
    archive = LocalArchive(folder / "raw", clock=lambda: NOW, report=lambda _: None)
    store = open_store(folder / "store.duckdb", archive)
    rows = Rows(rules_version="2026.11.1", networks_version="asn-2022-01", fingerprints_version="none")
    documents = []
    for n, (measurement, observations, verdict, network) in enumerate(told):
        rows.add(measurement, observations, [verdict], network_name=network, n=n)
        documents.append((raw_of(measurement), measurement.source, measurement.position))
    if documents:
        rows.set_aside(
            SetAside("kz.jsonl.zst", 412, Reason.TRUNCATED, "at byte 77", 77, b'{"test_name": "web')
        )
        locator = archive.append(pack(*map(list, zip(*documents, strict=True))))
        store.commit(rows.tables(), locator)
        store.record_snapshot(
            Snapshot("networks", "asn-2022-01", "ab" * 32, "ip-location-db", "CC BY 4.0", NOW)
        )
        store.set_categories([("news.example.org", "NEWS"), ("telegram.example.org", "COMT")])
    archive.close()
    return store


def published(store: DuckDBStore, *, example: bool = False) -> FastAPI:
    return create_app(
        store,
        rules=RULES,
        rules_version="2026.11.1",
        clock=lambda: NOW,
        timer=lambda: 0.0,
        example=example,
    )
