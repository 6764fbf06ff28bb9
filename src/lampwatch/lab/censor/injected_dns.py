"""Censoring DNS on the path: forged answers that come before the true one, or questions that vanish."""

from typing import Final

import dns.exception
import dns.message

from lampwatch.lab.block import Drop, Forge, Name
from lampwatch.lab.censor.hello import names
from lampwatch.lab.censor.reader import ACCEPT, DROP, FROM_CLIENT, UDP, Inspector, Packet, Ruling, Send
from lampwatch.lab.forged import forged

_DNS: Final = 53


class DnsInspector(Inspector):
    """Reads the client's DNS questions over UDP, whomever they are for."""

    def __init__(self, match: Name, action: Forge | Drop) -> None:
        super().__init__()
        self._match = match
        self._action = action

    @property
    def wants(self) -> tuple[str, ...]:
        """All questions to port 53."""
        return (*FROM_CLIENT, "-p", "udp", "--dport", str(_DNS))

    def look(self, packet: Packet, send: Send) -> Ruling | None:
        """Answer a matching question at once, and let it go on to who will answer it truly."""
        if packet.protocol != UDP or packet.destination_port != _DNS:
            return None
        try:
            query = dns.message.from_wire(packet.payload)
        except dns.exception.DNSException:
            return None
        if not query.question or not names(
            self._match.name, query.question[0].name.to_text(omit_final_dot=True).lower()
        ):
            return None
        self.count += 1
        if isinstance(self._action, Drop):
            return DROP
        answer = forged(query, self._action).to_wire()
        back = Packet(UDP, packet.destination, _DNS, packet.source, packet.source_port, answer)
        for _ in range(self._action.copies):
            send(back)
        return DROP if self._action.drop_true else ACCEPT
