"""DNS messages: a question as it is sent, and what a reply says to it. Pure; dnspython reads and writes the bytes."""

import itertools
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import msgspec

from lampwatch.formats.names import ascii_host
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.record import Entry

MOST_RECORDS: Final = 128
"""Records kept of one reply; a true one has a handful."""

_PADDED_TO: Final = 128
"""Octets that a question over an encrypted transport is padded to a multiple of (RFC 8467)."""

_BY_RCODE: Final = {
    dns.rcode.NXDOMAIN: Failure.DNS_NXDOMAIN,
    dns.rcode.REFUSED: Failure.DNS_REFUSED,
    dns.rcode.SERVFAIL: Failure.DNS_SERVFAIL,
}


class Question(msgspec.Struct, frozen=True):
    """One question: a name, the kind of record wanted, and the bytes that ask for it."""

    hostname: str
    query_type: str
    message: dns.message.QueryMessage

    @property
    def wire(self) -> bytes:
        """The message as sent."""
        return self.message.to_wire()


class Reply(msgspec.Struct, frozen=True):
    """What a resolver said. records are in the shape of df-002's answers, addresses of the kind that was asked for.

    failed is set where the reply holds no such address; a truncated one without any says nothing, and has none.
    """

    failed: Failed | None
    records: tuple[Entry, ...]
    addresses: tuple[str, ...]
    cnames: tuple[str, ...]
    rcode: int
    truncated: bool
    raw: bytes


def question(hostname: str, query_type: str, *, number: int, padded: bool = False) -> Question | Failed:
    """Ask for the records of a kind. number is the message's id, 16 bits; NXDOMAIN where no such name can exist."""
    try:
        name = dns.name.from_text(ascii_host(hostname).encode("ascii").decode("ascii"))
    except (dns.exception.DNSException, UnicodeError):
        return unknown("no such name can exist", Operation.RESOLVE, Failure.DNS_NXDOMAIN)
    # Over UDP without EDNS, as the C library of most machines asks: an unusual question might be answered otherwise.
    message = dns.message.make_query(
        name,
        query_type,
        id=number,
        use_edns=0 if padded else None,
        pad=_PADDED_TO if padded else 0,
    )
    return Question(hostname, query_type, message)


def reply_to(asked: Question, raw: bytes) -> Reply | Failed:
    """Read a reply; WRONG_QUERY_ID or MISBEHAVING where the bytes are no reply to this question."""
    try:
        message = dns.message.from_wire(raw, ignore_trailing=True)
    except dns.exception.DNSException as error:
        return unknown(str(error), Operation.RESOLVE, Failure.DNS_MISBEHAVING)
    if message.id != asked.message.id:
        return Failed(Failure.DNS_WRONG_QUERY_ID, Operation.RESOLVE)
    if not asked.message.is_response(message):
        return unknown("the reply is to another question", Operation.RESOLVE, Failure.DNS_MISBEHAVING)
    records = _records(message)
    addresses = [
        record.get("ipv4") or record.get("ipv6")
        for record in records
        if record["answer_type"] == asked.query_type
    ]
    cnames = [record["hostname"].rstrip(".").lower() for record in records if "hostname" in record]
    truncated = bool(message.flags & dns.flags.TC)
    return Reply(
        failed=None if addresses else _failed(message, truncated=truncated),
        records=tuple(records),
        addresses=tuple(dict.fromkeys(str(address) for address in addresses)),
        cnames=tuple(dict.fromkeys(cnames)),
        rcode=int(message.rcode()),
        truncated=truncated,
        raw=raw,
    )


def _failed(message: dns.message.Message, *, truncated: bool) -> Failed | None:
    rcode = message.rcode()
    if rcode == dns.rcode.NOERROR:
        return None if truncated else Failed(Failure.DNS_NO_ANSWER, Operation.RESOLVE)
    text = dns.rcode.to_text(rcode)
    return unknown(text, Operation.RESOLVE, _BY_RCODE.get(rcode, Failure.DNS_MISBEHAVING))


def _records(message: dns.message.Message) -> list[Entry]:
    found: list[Entry] = []
    for rrset in message.answer:
        if rrset.rdclass != dns.rdataclass.IN:
            continue  # no address of the Internet, whatever its type says; dnspython reads it otherwise
        kind = dns.rdatatype.to_text(rrset.rdtype)
        for record in itertools.islice(rrset, MOST_RECORDS - len(found)):
            if kind == "A":
                found.append({"answer_type": kind, "ipv4": record.address, "ttl": rrset.ttl})
            elif kind == "AAAA":
                found.append({"answer_type": kind, "ipv6": record.address, "ttl": rrset.ttl})
            elif kind == "CNAME":
                found.append({"answer_type": kind, "hostname": record.target.to_text(), "ttl": rrset.ttl})
    return found
