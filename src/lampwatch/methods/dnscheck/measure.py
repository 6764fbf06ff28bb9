"""Measure whether a public resolver answers: its own name is looked up, then each of its addresses is asked a name."""

import asyncio
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from lampwatch.model.errors import UserError
from lampwatch.probe.dns import Lookup, lookup
from lampwatch.probe.dns.place import Place, place_of
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.kit import Kit
from lampwatch.probe.network import joined
from lampwatch.probe.record import Mark
from lampwatch.probe.resolver import SYSTEM, Engine, Resolver

TEST_NAME: Final = "dnscheck"
TEST_VERSION: Final = "0.9.2"

DOMAIN: Final = "example.org"
"""What is asked: a name that nobody blocks, as OONI's probes ask."""
MOST_ADDRESSES: Final = 8

_ENGINES: Final = {
    "udp": Engine.UDP,
    "tcp": Engine.TCP,
    "dot": Engine.DOT,
    "doq": Engine.DOQ,
    "quic": Engine.DOQ,
    "https": Engine.DOH,
    "h3": Engine.DOH,
    "http3": Engine.DOH,
}
_HTTP3: Final = "h3"


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Ask a resolver, given as dot://dns.google:853, https://…/dns-query, h3://…, udp://, tcp:// or doq://.

    Returns test_keys as ts-028 has them: `bootstrap`, the lookup of the resolver's name (null for an address), and
    `lookups`, by a URL with the address in the name's place; each with its own events and its failure.
    """
    resolver = resolver_of(target)
    place = place_of(resolver)
    bootstrap, found = None, Lookup((place.ip,))
    if not place.ip:
        mark = kit.record.mark("bootstrap")
        found = await lookup(kit, SYSTEM, place.host, mark)
        bootstrap = _section(kit, mark, found.failed)
    asked = [(kit.record.mark("lookup"), ip) for ip in found.addresses[:MOST_ADDRESSES]]
    async with asyncio.TaskGroup() as asking:
        tasks = [
            asking.create_task(lookup(kit, msgspec.structs.replace(resolver, ip=ip), DOMAIN, mark))
            for mark, ip in asked
        ]
    outcomes = [task.result().failed for task in tasks]
    return {
        "domain": DOMAIN,
        "bootstrap": bootstrap,
        "bootstrap_failure": failure_text(found.failed),
        "lookups": {
            _url(target, place, ip): _section(kit, mark, failed)
            for (mark, ip), failed in zip(asked, outcomes, strict=True)
        },
    }


def resolver_of(target: str) -> Resolver:
    """The resolver that a URL names. Raises UserError where it names none."""
    try:
        split = urlsplit(target)
        host, port = split.hostname or "", split.port
    except ValueError:
        host, port = "", None
    engine = _ENGINES.get(split.scheme) if host else None
    if engine is None:
        raise UserError(
            f"{target!r} is no resolver: write it as dot://dns.google:853 or https://dns.google/dns-query"
        )
    if engine is Engine.DOH:
        secure = "https" if split.scheme == "https" else _HTTP3
        return Resolver(engine, f"{secure}{target[len(split.scheme) :]}")
    return Resolver(engine, joined(host, port) if port else host)


def _url(target: str, place: Place, ip: str) -> str:
    """The target with an address in place of its host."""
    given = urlsplit(target).scheme
    scheme = _HTTP3 if given == "http3" else given
    literal = joined(ip, place.port).rpartition(":")[0]
    where = literal if (scheme, place.port) == ("https", 443) else joined(ip, place.port)
    return f"{scheme}://{where}{place.url.path if place.url else ''}"


def _section(kit: Kit, mark: Mark, failed: Failed | None) -> dict[str, Any]:
    """Everything that was recorded under one mark, as ts-027 writes a lookup."""
    events = {**kit.record.test_keys(), "x_dns_duplicate_responses": kit.record.duplicate_answers}
    return {
        "agent": "",
        "failed_operation": str(failed.operation) if failed else None,
        "failure": failure_text(failed),
        **{
            name: [entry for entry in entries if entry["transaction_id"] == mark.transaction_id]
            for name, entries in events.items()
        },
    }
