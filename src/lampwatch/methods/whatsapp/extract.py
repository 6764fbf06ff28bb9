"""WhatsApp's test -> observations. Its early versions tried one endpoint at random, the later ones all sixteen."""

from typing import Final

import msgspec

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Observations
from lampwatch.observe.archival import (
    Connect,
    Query,
    TlsHandshake,
    Transaction,
    connects,
    exchanges,
    handshakes,
    lookups,
)

NAMES: Final = ("whatsapp",)
NEEDS_INPUT: Final = False


class TestKeys(msgspec.Struct, gc=False):
    """ts-018: what the test writes, as far as it is used here. Early versions leave out queries and handshakes."""

    queries: list[Query] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[TlsHandshake] | None = None
    requests: list[Transaction] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:  # noqa: ARG001  every extract is given both
    """The probe's observations. This test has no control."""
    return Observations(
        Facts(
            lookups(test_keys.queries),
            connects(test_keys.tcp_connect),
            handshakes(test_keys.tls_handshakes),
            exchanges(test_keys.requests),
        )
    )
