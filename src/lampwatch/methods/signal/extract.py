"""Signal's test -> observations, with a note of which failed handshakes showed a certificate of Signal's own."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.observe.archival import Binary, TlsHandshake
from lampwatch.observe.steps import StepKeys, steps

NAMES: Final = ("signal",)
NEEDS_INPUT: Final = False

OWN_AUTHORITY: Final = "signal_authority"
"""The note that lists, by spaces, the servers that showed a certificate of Signal's own and failed all the same."""

_AUTHORITIES: Final = (b"Signal Messenger", b"Open Whisper Systems")
_CHAIN: Final = msgspec.json.Decoder(list[Binary] | None)


class TestKeys(StepKeys, gc=False):
    """ts-029: what the test writes, as far as it is used here."""


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:  # noqa: ARG001  every extract is given both
    """The probe's observations. This test has no control."""
    return Observations(
        steps(test_keys),
        notes=_notes(test_keys.tls_handshakes or ()),
    )


def _notes(entries: Iterable[TlsHandshake]) -> Mapping[str, str]:
    own = [
        entry.server_name.lower()
        for entry in entries
        if entry.failure and entry.server_name and _names_signal(entry.peer_certificates)
    ]
    return {OWN_AUTHORITY: " ".join(own)} if own else {}


def _names_signal(raw: msgspec.Raw) -> bool:
    """Whether a certificate of the chain names Signal's authority; a chain that cannot be read names nobody."""
    try:
        chain = _CHAIN.decode(raw)
        certificates = [b64decode(certificate.data or "", validate=True) for certificate in chain or ()]
    except (msgspec.MsgspecError, ValueError):
        return False
    return any(authority in certificate for certificate in certificates for authority in _AUTHORITIES)
