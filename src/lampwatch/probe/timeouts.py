"""How long each step may take."""

import msgspec


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds a step may take before it has failed. Source: OONI Web Connectivity 0.5."""

    lookup_s: float = 4.0
    connect_s: float = 10.0
    handshake_s: float = 10.0
    fetch_s: float = 10.0
    control_s: float = 30.0
    late_answer_s: float = 0.5
    """How long an answer that comes second is waited for: an injected one usually races the true one."""

    def scaled(self, factor: float) -> "Timeouts":
        """All of them, longer or shorter; the control and late answers keep their time."""
        return Timeouts(
            lookup_s=self.lookup_s * factor,
            connect_s=self.connect_s * factor,
            handshake_s=self.handshake_s * factor,
            fetch_s=self.fetch_s * factor,
            control_s=self.control_s,
            late_answer_s=self.late_answer_s,
        )
