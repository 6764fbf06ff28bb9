"""A false DNS answer, as whoever lies would write it."""

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from lampwatch.lab.block import Forge

_TTL_S = 60


def forged(query: dns.message.Message, forge: Forge) -> dns.message.Message:
    """The answer that a censor gives to a question: its addresses, or its response code and nothing."""
    answer = dns.message.make_response(query, recursion_available=True)
    answer.set_rcode(dns.rcode.from_text(forge.rcode))
    question = query.question[0]
    kind = {dns.rdatatype.A: "A", dns.rdatatype.AAAA: "AAAA"}.get(question.rdtype)
    addresses = [ip for ip in forge.addresses if kind == ("AAAA" if ":" in ip else "A")]
    if addresses and kind:
        answer.answer.append(dns.rrset.from_text(question.name, _TTL_S, dns.rdataclass.IN, kind, *addresses))
    return answer
