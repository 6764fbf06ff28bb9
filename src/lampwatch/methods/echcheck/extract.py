"""The OONI test echcheck (ts-039) -> TLS handshakes with and without the Encrypted Client Hello extension.

Version 0.1 wrote one handshake as `control` and one as `target`; since 0.2 all stand in `tls_handshakes`, those with
the extension marked by `echconfig`, and by the name they show outside.
"""

from typing import Final

import msgspec

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, Observations
from lampwatch.observe.archival import Connect, Query, TlsHandshake, connects, handshakes, lookups

NAMES: Final = ("echcheck",)
NEEDS_INPUT: Final = False

PLAIN: Final = "tls"
WITH_ECH: Final = "tls+ech"
"""With the extension, and outside it the very name that the plain handshake shows."""
WITH_ECH_OTHER_NAME: Final = "tls+ech+other_name"
"""With the extension, and outside it another name."""


class EchHandshake(TlsHandshake, gc=False):
    """df-006 with what echcheck adds."""

    echconfig: str | None = None
    outer_server_name: str | None = None


class TestKeys(msgspec.Struct, gc=False):
    """ts-039, as far as it is used here."""

    tls_handshakes: list[EchHandshake] | None = None
    control: EchHandshake | None = None
    target: EchHandshake | None = None
    tcp_connect: list[Connect] | None = None
    queries: list[Query] | None = None


def extract(test_keys: TestKeys, _measurement: Measurement) -> Observations:
    """The handshakes, told apart by their protocol: `tls`, `tls+ech` and `tls+ech+other_name`."""
    shakes: list[Handshake] = []
    for entry in test_keys.tls_handshakes or ():
        shakes += handshakes([entry], _protocol(entry))
    # An empty object stands where version 0.1 did not get so far.
    if test_keys.control is not None and test_keys.control.address:
        shakes += handshakes([test_keys.control], PLAIN)
    if test_keys.target is not None and test_keys.target.address:
        shakes += handshakes([test_keys.target], WITH_ECH)
    return Observations(Facts(lookups(test_keys.queries), connects(test_keys.tcp_connect), shakes))


def _protocol(entry: EchHandshake) -> str:
    if not entry.echconfig:
        return PLAIN
    outside = entry.outer_server_name or entry.server_name
    return WITH_ECH if outside == entry.server_name else WITH_ECH_OTHER_NAME
