"""Which addresses are known to be a name's own."""

from collections.abc import Callable, Sequence
from functools import cached_property

from lampwatch.formats.names import ascii_host, embedded_ipv4
from lampwatch.judge.web.control import ControlView
from lampwatch.model.observation import Handshake


class Trusted:
    """The addresses and networks that are known to be a host's own: the control's, and those with its certificate."""

    def __init__(
        self, host: str, outside: ControlView, handshakes: Sequence[Handshake], asn_of: Callable[[str], int]
    ) -> None:
        """Take what may vouch; it is looked at only where an address is not one that the control was given."""
        self.addresses = outside.addresses
        self.asn_of = asn_of
        self._host = host
        self._outside = outside
        self._handshakes = handshakes

    @cached_property
    def certified(self) -> frozenset[str]:
        """The addresses that proved themselves to the probe or the control by a certificate for the name."""
        own = [
            shake.ip
            for shake in self._handshakes
            if shake.failure is None
            and shake.verified
            and shake.protocol == "tls"
            and same_name(shake.server_name, self._host)
        ]
        outside = [ip for (ip, _), failure in self._outside.tls.items() if failure is None]
        return frozenset([*own, *outside])

    def own(self, address: str, asn: int) -> bool:
        """Whether the control found this address, or another one of its network."""
        if address in self.addresses:
            return True
        number = self.asn_of(address) or asn
        if number != 0 and number in self._outside.asns:
            return True
        # A network without IPv4 gives out the site's own address inside an IPv6 one.
        return embedded_ipv4(address) in self.addresses


def same_name(written: str, host: str) -> bool:
    """Whether a probe's spelling of a name, in whatever case or alphabet, means the host."""
    return written == host or ascii_host(written) == host
