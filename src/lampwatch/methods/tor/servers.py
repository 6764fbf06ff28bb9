"""The public servers of Tor that are tried. None of them is a secret: all stand in Tor's own source, or in Tor Browser.

Sources: Tor's src/app/config/auth_dirs.inc and Arti's tor-dirmgr defaults (2025); Tor Browser's built-in obfs4 bridges
(bridges.torproject.org, circumvention/builtin, 2025).
"""

from hashlib import sha256
from typing import Final

import msgspec

AUTHORITY: Final = "or_port_dirauth"
DIRECTORY: Final = "dir_port"
OBFS4: Final = "obfs4"


class Server(msgspec.Struct, frozen=True):
    """One server, and how it is tried. key is what it is listed by; a bridge has no name."""

    key: str
    ip: str
    port: int
    protocol: str
    name: str = ""


_AUTHORITIES: Final = (
    # name, address, OR port, directory port
    ("moria1", "128.31.0.39", 9201, 9231),
    ("tor26", "217.196.147.77", 443, 80),
    ("dizum", "45.66.35.11", 443, 80),
    ("Serge", "66.111.2.131", 9001, 9030),
    ("gabelmoo", "131.188.40.189", 443, 80),
    ("dannenberg", "193.23.244.244", 443, 80),
    ("maatuska", "171.25.193.9", 80, 443),
    ("longclaw", "199.58.81.140", 443, 80),
    ("bastet", "204.13.164.118", 443, 80),
    ("faravahar", "216.218.219.41", 443, 80),
)
_BRIDGES: Final = (
    # address, port, fingerprint
    ("37.218.245.14", 38224, "D9A82D2F9C2F65A18407B1D2B764F130847F8B5D"),
    ("209.148.46.65", 443, "74FAD13168806246602538555B5521A0383A1875"),
    ("146.57.248.225", 22, "10A6CD36A537FCE513A322361547444B393989F0"),
    ("45.145.95.6", 27015, "C5B7CD6946FF10C5B3E89691A7D3F2C122D2117C"),
    ("51.222.13.177", 80, "5EDAC3B810E12B01F6FD8050D2FD3E277B289A08"),
    ("212.83.43.95", 443, "BFE712113A72899AD685764B211FACD30FF52C31"),
    ("212.83.43.74", 443, "39562501228A4D5E27FCA4C0C81A01EE23AE3EE4"),
)


def _bridge(ip: str, port: int, fingerprint: str) -> Server:
    return Server(sha256(f"{ip}:{port} {fingerprint}".encode()).hexdigest(), ip, port, OBFS4)


SERVERS: Final = (
    *(Server(f"{ip}:{port}", ip, port, AUTHORITY, name) for name, ip, port, _ in _AUTHORITIES),
    *(Server(f"{ip}:{port}", ip, port, DIRECTORY, name) for name, ip, _, port in _AUTHORITIES),
    *(_bridge(ip, port, fingerprint) for ip, port, fingerprint in _BRIDGES),
)
