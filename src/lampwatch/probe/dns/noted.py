"""How queries and their answers are written down (df-002), and replies that were to nothing asked."""

from base64 import b64encode
from typing import Final

from lampwatch.probe.dns.message import Reply
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.record import Entry, Mark, Record

_MOST_RAW: Final = 4096
"""Bytes kept of one reply; true ones are shorter."""


def address_entry(ip: str) -> Entry:
    """An address as it stands among the answers, its time to live unknown."""
    if ":" in ip:
        return {"answer_type": "AAAA", "ipv6": ip, "ttl": None}
    return {"answer_type": "A", "ipv4": ip, "ttl": None}


def query_entry(
    engine: str, hostname: str, query_type: str, resolver: str, outcome: Reply | Failed | None
) -> Entry:
    """A query as df-002 writes it, but for its times. resolver is the address or URL that was asked, as written.

    outcome is None where the answers are put in by whoever asks and no message is known.
    """
    entry: Entry = {
        "answers": [],
        "engine": engine,
        "failure": failure_text(outcome),
        "hostname": hostname,
        "query_type": query_type,
        "resolver_hostname": None,
        "resolver_port": None,
        "resolver_address": resolver,
    }
    if not isinstance(outcome, Reply):
        return entry
    return {
        **entry,
        "answers": list(outcome.records),
        "failure": failure_text(outcome.failed),
        "rcode": outcome.rcode,
        "raw_response": _raw(outcome.raw),
    }


def note_stray(record: Record, mark: Mark, address: str, protocol: str, raw: bytes, why: Failed) -> None:
    """Keep a reply that did not fit its question: an injected one often does not, and it is evidence."""
    record.event(
        "dns_stray_reply",
        mark,
        address=address,
        failure=why.text,
        num_bytes=len(raw),
        proto=protocol,
        raw_response=_raw(raw),
    )


def _raw(raw: bytes) -> str:
    return b64encode(raw[:_MOST_RAW]).decode("ascii")
