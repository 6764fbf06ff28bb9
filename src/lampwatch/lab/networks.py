"""Whose each address of the lab is: reference data in memory, for judging what was measured there."""

import ipaddress
from functools import lru_cache
from typing import Final

from lampwatch.model.network import UNKNOWN_NETWORK, Network

LAB_PROVIDER: Final = Network(64512, "Lab Telecom", "XA")
_NETWORKS: Final = {
    "10.0.0.0/8": LAB_PROVIDER,
    "195.82.146.0/24": LAB_PROVIDER,
    "2a02:27ac::/32": LAB_PROVIDER,
    "93.184.216.0/24": Network(15133, "Edgecast", "US"),
    "2606:2800::/32": Network(15133, "Edgecast", "US"),
    "104.16.0.0/13": Network(13335, "Cloudflare", "US"),
    "1.1.1.0/24": Network(13335, "Cloudflare", "US"),
    "151.101.0.0/16": Network(54113, "Fastly", "US"),
    "8.8.8.0/24": Network(15169, "Google", "US"),
    "74.125.0.0/16": Network(15169, "Google", "US"),
    "9.9.9.0/24": Network(19281, "Quad9", "CH"),
    "188.166.0.0/16": Network(14061, "DigitalOcean", "NL"),
    "149.154.160.0/20": Network(62041, "Telegram", "GB"),
    "95.161.64.0/20": Network(62041, "Telegram", "GB"),
    "157.240.0.0/16": Network(32934, "Facebook", "US"),
    "31.13.64.0/18": Network(32934, "Facebook", "US"),
    "76.223.0.0/17": Network(16509, "Amazon", "US"),
    "37.218.240.0/21": Network(47172, "Greenhost", "NL"),
    "128.31.0.0/16": Network(3, "MIT", "US"),
    "80.78.24.0/21": Network(35779, "Public Access", "SE"),
}
_PARSED: Final = tuple((ipaddress.ip_network(prefix), network) for prefix, network in _NETWORKS.items())
_NAMES: Final = {network.asn: network.name for network in _NETWORKS.values()}


@lru_cache(maxsize=4096)
def _network_of(ip: str) -> Network:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return UNKNOWN_NETWORK
    return next((network for prefix, network in _PARSED if address in prefix), UNKNOWN_NETWORK)


class LabNetworks:
    """Fulfils `judge.references.Networks` for the addresses of a lab."""

    version = "lab-1"

    def network_of(self, ip: str, /) -> Network:
        """The network and country of an address; asn 0 and country "" where the lab does not know it."""
        return _network_of(ip)

    def name_of(self, asn: int) -> str:
        """A network's name by its number; empty where it is not known."""
        return _NAMES.get(asn, "")
