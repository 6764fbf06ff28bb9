"""What the control found, so that each of the probe's facts can be put beside it."""

from collections.abc import Callable
from functools import cached_property

from lampwatch.model.failure import Failure
from lampwatch.model.observation import Facts

Endpoint = tuple[str, int]


class ControlView:
    """What the control found, keyed so that each of the probe's facts can be put beside it."""

    def __init__(self, facts: Facts, asn_of: Callable[[str], int]) -> None:
        self._facts = facts
        self.dns = facts.dns[0] if facts.dns else None
        self.http = facts.http[0] if facts.http else None
        self.page = self.http if self.http is not None and self.http.failure is None else None
        # A set, because a hostile document can have tens of thousands of them.
        self.addresses = frozenset(self.dns.answers) if self.dns is not None else frozenset()
        self._asn_of = asn_of

    @cached_property
    def asns(self) -> frozenset[int]:
        """The networks of the addresses that the control was given."""
        if self.dns is None:
            return frozenset()
        numbers = [self._asn_of(a) or n for a, n in zip(self.dns.answers, self.dns.asns, strict=True)]
        return frozenset([number for number in numbers if number])

    @cached_property
    def tcp(self) -> dict[Endpoint, Failure | None]:
        """How each connect of the control ended."""
        return {(connect.ip, connect.port): connect.failure for connect in self._facts.tcp}

    @cached_property
    def tls(self) -> dict[Endpoint, Failure | None]:
        """How each TLS handshake of the control ended."""
        return {(s.ip, s.port): s.failure for s in self._facts.handshakes if s.protocol == "tls"}
