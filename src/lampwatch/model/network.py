"""A network, as reference data knows it."""

from typing import Final

import msgspec


class Network(msgspec.Struct, frozen=True, gc=False):
    """An autonomous system with its name, and the country (ISO 3166-1 alpha-2) an address of it is registered in."""

    asn: int
    name: str
    country: str


UNKNOWN_NETWORK: Final = Network(0, "", "")
