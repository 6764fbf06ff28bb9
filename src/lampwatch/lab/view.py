"""What is where in a running lab, as a probe must be told."""

from typing import Final

import msgspec

PROVIDER_RESOLVER: Final = "195.82.146.53"
"""The client's own resolver, in /etc/resolv.conf of its namespace."""
PUBLIC_RESOLVER: Final = "8.8.8.8"
OTHER_RESOLVER: Final = "1.1.1.1"
CONTROL_RESOLVER: Final = "9.9.9.9"
"""The resolver of the control, which a content network may answer otherwise."""
DOH_NAMES: Final = {"dns.google": PUBLIC_RESOLVER, "cloudflare-dns.com": OTHER_RESOLVER}
CONTROL_NAME: Final = "control.lampwatch.test"
CONTROL_ADDRESS: Final = "188.166.80.10"
COLLECTOR_NAME: Final = "collector.lampwatch.test"
COLLECTOR_ADDRESS: Final = "188.166.80.11"
BLOCK_PAGE_ADDRESS: Final = "195.82.146.80"
"""A server of the provider's that shows the block page to whoever comes."""
NOTHING_ADDRESS: Final = "195.82.146.99"
"""An address of the provider's where nobody listens: connections are refused."""
NEUTRAL_ADDRESS: Final = "93.184.215.14"
"""Where the name is said to be that nobody blocks; nobody listens there."""
SERVICE_PORT: Final = 8000
"""The port at which a service that a lab starts must listen, unencrypted; the lab puts TLS in front of it."""


class LabView(msgspec.Struct, frozen=True):
    """A lab as seen from its client: the authority to trust, whom to ask, and where the client is.

    ca_file is a path inside the lab. timeouts is the factor that a probe shall multiply its timeouts with.
    """

    ca_file: str
    control_url: str = f"https://{CONTROL_NAME}/"
    collector_url: str = f"https://{COLLECTOR_NAME}/"
    provider_resolver: str = PROVIDER_RESOLVER
    resolver: str = PUBLIC_RESOLVER
    doh_url: str = "https://dns.google/dns-query"
    client_address: str = "10.0.0.1"
    asn: int = 64512
    country: str = "XA"
    timeouts: float = 0.2
