"""Reference data that judging rests on, pinned by version: whose an address is, and known block pages."""

from collections.abc import Mapping
from typing import Final, Protocol

import msgspec

from lampwatch.model.fingerprint import Fingerprint
from lampwatch.model.network import Network


class Networks(Protocol):
    """Whose an address is. Must be quick: it is asked for every address of every measurement."""

    @property
    def version(self) -> str:
        """The snapshot's name, as verdicts cite it."""
        ...

    def network_of(self, ip: str, /) -> Network:
        """The network and country of an address; asn 0 and country "" where they are not known."""
        ...

    def name_of(self, asn: int) -> str:
        """A network's name by its number; empty where it is not known."""
        ...


class Fingerprints(Protocol):
    """Known block pages and injected answers."""

    @property
    def version(self) -> str:
        """The snapshot's name, as verdicts cite it."""
        ...

    def in_answers(self, answers: tuple[str, ...], country: str) -> Fingerprint | None:
        """The first known injected address among DNS answers, for a probe in this country."""
        ...

    def in_page(self, headers: Mapping[str, str], title: str, body: str, country: str) -> Fingerprint | None:
        """The first known block page that a response matches, for a probe in this country."""
        ...


class References(msgspec.Struct, frozen=True):
    """The snapshots that verdicts of one run rest on. Either may be absent; verdicts then say so and do without."""

    networks: Networks | None = None
    fingerprints: Fingerprints | None = None

    @property
    def networks_version(self) -> str:
        """The networks snapshot's name, or `none`."""
        return self.networks.version if self.networks else "none"

    @property
    def fingerprints_version(self) -> str:
        """The fingerprints snapshot's name, or `none`."""
        return self.fingerprints.version if self.fingerprints else "none"

    def asn_of(self, ip: str) -> int:
        """The network of an address, 0 where it is not known."""
        return self.networks.network_of(ip).asn if self.networks else 0


NO_REFERENCES: Final = References()
