"""Addresses that are never asked, because somebody wants it so."""

import ipaddress
from collections.abc import Iterable
from typing import Final

import msgspec

from lampwatch.model.errors import UserError
from lampwatch.signals.probing.targets import Block

_BITS: Final = 32


class Exclusions:
    """IPv4 prefixes and addresses that must be left alone."""

    def __init__(self, networks: Iterable[ipaddress.IPv4Network] = ()) -> None:
        self._by_length: dict[int, set[int]] = {}
        for network in networks:
            first = int(network.network_address) >> (_BITS - network.prefixlen)
            self._by_length.setdefault(network.prefixlen, set()).add(first)

    def has(self, address: int) -> bool:
        """Whether an address, as a number, must be left alone."""
        return any(address >> (_BITS - length) in known for length, known in self._by_length.items())

    def names(self, address: str) -> bool:
        """Whether an address, as text, must be left alone."""
        return self.has(int(ipaddress.IPv4Address(address)))

    def without(self, block: Block) -> Block:
        """A block without the addresses that must be left alone."""
        first = int(ipaddress.IPv4Network(block.name).network_address)
        left = bytes(octet for octet in block.octets if not self.has(first + octet))
        return block if left == block.octets else msgspec.structs.replace(block, octets=left)


def read_exclusions(text: str, source: str) -> list[ipaddress.IPv4Network]:
    """One address or prefix a line, `#` before a remark; those of IPv6 are nothing that we would ask.

    Raises UserError for a line that is neither: whoever asked to be left alone must not be asked for a slip of the pen.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not (word := line.partition("#")[0].strip()):
            continue
        try:
            network = ipaddress.ip_network(word, strict=False)
        except ValueError as error:
            raise UserError(
                f"{source} line {number}: {word[:60]!r} is no address or prefix; mend it, for nobody is asked "
                "while we cannot tell who does not want it"
            ) from error
        if isinstance(network, ipaddress.IPv4Network):
            found.append(network)
    return found
