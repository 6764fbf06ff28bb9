"""What the rules on QUIC read: the site's QUIC handshakes beside its TLS handshakes, and beside the control's."""

from collections.abc import Collection
from typing import Final

from lampwatch.judge.references import References
from lampwatch.judge.web.facts import WebFacts
from lampwatch.methods.quic.extract import VERSIONS
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, Observations, Witness, witnessed

_MOST: Final = 16
"""A verdict names this many witnesses of a group at most; the rest are in the measurement all the same."""

_OURS: Final = "00000001"
"""The version of QUIC that the handshakes were tried in."""
_PROTOCOLS: Final = {"tls": "tls", "quic": "quic", "versions": VERSIONS}
"""Groups of the probe's handshakes, and the protocol of each."""

Endpoint = tuple[str, int]


class QuicFacts(WebFacts):
    """One site over TCP, as WebFacts has it, and over QUIC.

    tried are the QUIC handshakes at addresses where TLS over TCP was completed, so that neither the name nor the
    address can be what fails; stood says that any QUIC handshake was completed with a valid certificate. fetched says
    that a response came over HTTP/3. disputed are the failures at endpoints where the control completed QUIC.
    offered: the site announces HTTP/3 (Alt-Svc). outside_tried and outside_stood are the control's QUIC handshakes.
    silent_though_there: a handshake got no answer from a server that says, asked without a name, that it speaks this
    very version, and the control met no failure there.
    """

    def __init__(self, measurement: Measurement, observed: Observations, refs: References) -> None:
        probe = observed.probe
        self._shakes = [(n, shake) for n, shake in enumerate(probe.handshakes) if shake.protocol == "quic"]
        over_quic = {shake.transaction_id for _, shake in self._shakes if shake.transaction_id}
        self._h3 = [(n, e) for n, e in enumerate(probe.http) if e.transaction_id in over_quic]
        # `extract` put HTTP/3 last: what is left keeps its place, and witnesses their numbers.
        others = [e for e in probe.http if e.transaction_id not in over_quic]
        over_tcp = Facts(probe.dns, probe.tcp, probe.handshakes, others, probe.echoes)
        super().__init__(
            measurement.input, measurement, Observations(over_tcp, observed.control, observed.notes), refs
        )
        self._outside = _of_control(observed.control)
        twins = {_at(s) for s in probe.handshakes if s.protocol == "tls" and s.verified and s.failure is None}
        self.tried = [shake for _, shake in self._shakes if _at(shake) in twins]
        self.stood = any(shake.failure is None and shake.verified for _, shake in self._shakes)
        self.fetched = any(e.failure is None and e.status for _, e in self._h3)
        self.disputed = frozenset(
            shake.failure
            for shake in self.tried
            if shake.failure is not None and self._outside.get(_at(shake), shake.failure) is None
        )
        listed = {_at(s) for s in probe.handshakes if s.protocol == VERSIONS and _OURS in s.version.split()}
        self.silent_though_there = any(
            shake.failure is Failure.TIMEOUT
            and _at(shake) in listed
            and self._outside.get(_at(shake)) is None
            for shake in self.tried
        )
        self.outside_tried = bool(self._outside)
        self.outside_stood = any(failure is None for failure in self._outside.values())
        self.offered = any(_offers(e.headers.get("alt-svc", "")) for e in others) or any(
            _offers(e.headers.get("alt-svc", "")) for e in (observed.control.http if observed.control else ())
        )

    @property
    def all_failed(self) -> bool:
        """QUIC was tried where TLS was completed, and was completed nowhere."""
        return bool(self.tried) and not self.stood

    def disputed_in(self, failures: Collection[Failure]) -> bool:
        """QUIC was completed nowhere, and failed so at an endpoint where the control completed it."""
        return self.all_failed and not self.disputed.isdisjoint(failures)

    def failed_only_in(self, failures: Collection[Failure]) -> bool:
        """QUIC was completed nowhere, and failed in these ways alone."""
        return self.all_failed and all(shake.failure in failures for shake in self.tried)

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        """The observations of a group: `quic`, `versions`, `h3`, `control.quic`, and those of WebFacts."""
        if group in _PROTOCOLS:
            return _of_protocol("probe", self.observations.probe, _PROTOCOLS[group])
        if group == "h3":
            return tuple([witnessed("probe", "http", n) for n, _ in self._h3[:_MOST]])
        if group == "control.quic" and self.observations.control is not None:
            return _of_protocol("control", self.observations.control, "quic")
        return () if group == "control.quic" else super().witnesses(group)


def _of_protocol(vantage: str, facts: Facts, protocol: str) -> tuple[Witness, ...]:
    numbers = [n for n, shake in enumerate(facts.handshakes) if shake.protocol == protocol]
    return tuple([witnessed(vantage, "handshake", n) for n in numbers[:_MOST]])


def _at(shake: Handshake) -> Endpoint:
    return shake.ip, shake.port


def _of_control(control: Facts | None) -> dict[Endpoint, Failure | None]:
    shakes = control.handshakes if control is not None else ()
    return {_at(shake): shake.failure for shake in shakes if shake.protocol == "quic"}


def _offers(alt_svc: str) -> bool:
    """Whether an Alt-Svc header names HTTP/3 (RFC 7838, RFC 9114): `h3=":443"; ma=86400`."""
    return any(part.strip().lower().startswith("h3=") for part in alt_svc.split(","))
