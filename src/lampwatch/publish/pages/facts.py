"""Observations as a page shows them: one table a layer, the probe's beside the control's, witnesses marked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from lampwatch.model.vocabulary import Vantage
from lampwatch.publish.words import failure_in_words

_MOST_ROWS: Final = 60
"""Facts of one kind from one vantage shown at most; witnesses always are."""

TITLES: Final[dict[str, str]] = {
    "dns": "DNS: the name",
    "tcp": "TCP: reaching the address",
    "handshake": "Handshake: agreeing on encryption, or on the protocol",
    "http": "HTTP: the request and its answer",
    "echo": "Echo: what was sent, and what arrived",
}
_HEADINGS: Final[dict[str, tuple[str, str]]] = {
    "dns": ("Asked", "Answered"),
    "tcp": ("Connecting to", "Outcome"),
    "handshake": ("With", "Outcome"),
    "http": ("Requested", "Answered"),
    "echo": ("Sent", "Arrived"),
}


class Fact(msgspec.Struct, frozen=True):
    """One observation: its name as witnesses are written, what was tried, and what came of it."""

    id: str
    tried: tuple[str, ...]
    came: tuple[str, ...]
    failed: bool
    witness: bool


class Side(msgspec.Struct, frozen=True):
    """What one vantage saw at one layer. hidden counts facts left out for length."""

    vantage: str
    facts: tuple[Fact, ...]
    hidden: int


class LayerFacts(msgspec.Struct, frozen=True):
    """One layer: the probe's side and the control's."""

    kind: str
    title: str
    headings: tuple[str, str]
    sides: tuple[Side, Side]


def layers_of(
    observations: Mapping[str, Sequence[Mapping[str, Any]]], witnesses: frozenset[str]
) -> list[LayerFacts]:
    """Every layer that anybody saw something at, in the order in which a connection is made."""
    return [
        LayerFacts(
            kind,
            TITLES[kind],
            _HEADINGS[kind],
            (_side(kind, Vantage.PROBE, rows, witnesses), _side(kind, Vantage.CONTROL, rows, witnesses)),
        )
        for kind in TITLES
        if (rows := observations.get(kind))
    ]


def _side(kind: str, vantage: Vantage, rows: Sequence[Mapping[str, Any]], witnesses: frozenset[str]) -> Side:
    facts = [_fact(kind, row, witnesses) for row in rows if row["vantage"] == vantage]
    shown = [fact for n, fact in enumerate(facts) if n < _MOST_ROWS or fact.witness]
    return Side(vantage, tuple(shown), len(facts) - len(shown))


def _fact(kind: str, row: Mapping[str, Any], witnesses: frozenset[str]) -> Fact:
    name = f"{row['vantage']}.{kind}.{row['n']}"
    tried, came = _TELL[kind](row)
    failure = row["failure"]
    if failure:
        came = (f"failed: {failure_in_words(failure)}", *came)
    return Fact(
        name, _present(tried), _present(came) or ("no answer recorded",), bool(failure), name in witnesses
    )


def _present(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def _endpoint(row: Mapping[str, Any]) -> str:
    ip, port = row["ip"], row["port"]
    if not ip:
        return ""
    host = f"[{ip}]" if ":" in ip else ip
    return f"{host}:{port}" if port else host


def _dns(row: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    asns = row["asns"] or []
    answers = [
        f"{address} (AS{asns[place]})" if place < len(asns) and asns[place] else address
        for place, address in enumerate(row["answers"] or [])
    ]
    asked = (
        f"resolver {row['resolver']}"
        if row["resolver"]
        else f"{row['engine']} resolver"
        if row["engine"]
        else ""
    )
    late = "came after the answer that was taken" if row["late"] else ""
    return (f"{row['query_type']} {row['hostname']}".strip(), asked), (*answers, late)


def _tcp(row: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    return (_endpoint(row),), ("" if row["failure"] else "connected",)


def _handshake(row: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    name = f"naming {row['server_name']}" if row["server_name"] else ""
    came = "" if row["failure"] else "completed"
    verified = "certificate verified" if row["verified"] and not row["failure"] else ""
    certificate = f"certificate SHA-256 {row['certificate']}" if row["certificate"] else ""
    return (f"{row['protocol']} {_endpoint(row)}".strip(), name), (
        came,
        row["version"],
        verified,
        certificate,
    )


def _http(row: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    came = (
        f"status {row['status']}" if row["status"] else "",
        f"title \u201c{row['title']}\u201d" if row["title"] else "",
        f"led to {row['location']}" if row["location"] else "",
        f"server {row['server']}" if row["server"] else "",
        f"{row['body_length']:,} bytes{', cut short' if row['body_truncated'] else ''}"
        if row["body_length"] >= 0
        else "",
    )
    return (f"{row['method']} {row['url']}".strip(), f"at {_endpoint(row)}" if row["ip"] else ""), came


def _echo(row: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    changed = ", ".join(row["changed"] or [])
    differs = f"changed: {changed}" if changed else "" if row["failure"] else "arrived unchanged"
    return (row["subject"], row["sent"]), (row["received"], differs)


_TELL: Final = {"dns": _dns, "tcp": _tcp, "handshake": _handshake, "http": _http, "echo": _echo}
