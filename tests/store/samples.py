"""Small rows for the store's tests: made by the same builder that the pipeline uses."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from lampwatch.formats.archive import pack
from lampwatch.formats.tables import Rows
from lampwatch.model.measurement import Measurement, Reason, SetAside
from lampwatch.model.observation import DnsLookup, Facts, HttpExchange, Observations, TcpConnect, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.segment import Locator, Trouble

NOON = dt.datetime(2022, 1, 5, 12)  # noqa: DTZ001  all times in the store are UTC without a zone


def uid_of(number: int, start: dt.datetime = NOON, country: str = "KZ") -> str:
    return f"{start:%Y%m%d%H%M%S}_{country}_webconnectivity_{number:016x}"


def measurement(
    number: int,
    *,
    start: dt.datetime = NOON,
    country: str = "KZ",
    asn: int = 9198,
    report_id: str = "report",
    version: str = "3.8.0",
) -> Measurement:
    return Measurement(
        uid=uid_of(number, start, country),
        method="web_connectivity",
        method_version="0.4.3",
        input=f"https://site{number % 5}.test/",
        start_time=start,
        probe_cc=country,
        probe_asn=asn,
        report_id=report_id,
        software_name="ooniprobe",
        software_version=version,
        source="kz.jsonl",
        position=number + 1,
        size=10,
    )


def verdict(target: str, state: State = State.OK, fingerprint: str = "") -> Verdict:
    blocked = state is State.BLOCKED
    return Verdict(
        target=target,
        state=state,
        layer=Layer.TLS if blocked else None,
        mechanism=Mechanism.TLS_SNI_RESET if blocked else None,
        evidence=Evidence.COMPARED if blocked else Evidence.NONE,
        rule_id=f"web.{state}",
        because="the rule says so",
        control=Control.WORKED,
        fingerprint=fingerprint,
        witnesses=(witnessed("probe", "tcp", 0),),
    )


OBSERVED = Observations(
    probe=Facts(
        dns=[DnsLookup("site.test", "A", "system", "", None, ("192.0.2.1",), (64500,))],
        tcp=[TcpConnect("192.0.2.1", 443, None, t=0.5), TcpConnect("192.0.2.2", 443, None)],
        http=[HttpExchange("https://site.test/", "GET", "192.0.2.1", 443, None, body="<html>")],
    ),
    control=Facts(tcp=[TcpConnect("192.0.2.1", 443, None)]),
)


def rows() -> Rows:
    return Rows(rules_version="r1", networks_version="n1", fingerprints_version="f1")


def set_aside(position: int, reason: Reason = Reason.NOT_JSON) -> SetAside:
    return SetAside("kz.jsonl", position, reason, "no JSON", 3, b"{x}")


def tables_of(*given: tuple[Measurement, list[Verdict]]) -> Mapping[str, pa.RecordBatch]:
    gathered = rows()
    for n, (header, verdicts) in enumerate(given):
        gathered.add(header, OBSERVED, verdicts, network_name=f"Network {header.probe_asn}", n=n)
    return gathered.tables()


def simple(first: int, count: int, *, state: State = State.OK) -> Mapping[str, pa.RecordBatch]:
    return tables_of(
        *((measurement(n), [verdict(f"site{n % 5}.test", state)]) for n in range(first, first + count))
    )


def document(number: int) -> bytes:
    return b'{"n": %d}' % number


def packed(first: int, count: int) -> bytes:
    numbers = range(first, first + count)
    return pack([document(n) for n in numbers], ["kz.jsonl"] * count, [n + 1 for n in numbers])


def archive_at(directory: Path, troubles: list[Trouble] | None = None, **more: int) -> LocalArchive:
    heard = troubles if troubles is not None else []
    return LocalArchive(directory / "raw", clock=lambda: NOON, report=heard.append, **more)


def store_at(directory: Path) -> DuckDBStore:
    return open_store(directory / "lampwatch.duckdb", archive_at(directory), memory_limit="256MB", threads=1)


PLACE = Locator("20220105T12-0000.jsonl.zst", 0, 100)
