"""The resolvers that a name is asked of."""

from enum import StrEnum

import msgspec


class Engine(StrEnum):
    """How a resolver is spoken to, by OONI's names (df-002)."""

    SYSTEM = "getaddrinfo"
    UDP = "udp"
    TCP = "tcp"
    DOT = "dot"
    DOH = "doh"
    DOQ = "doq"


class Resolver(msgspec.Struct, frozen=True):
    """One resolver. address is `ip:port`, `name:port` (DoT, DoQ) or a URL (DoH); empty for the system's own.

    ip is where to connect where address holds a name; without it the system's resolver is asked for the name.
    """

    engine: Engine
    address: str = ""
    ip: str = ""


SYSTEM = Resolver(Engine.SYSTEM)
