"""How fast probes may leave: a bucket of tokens. Pure."""


class TokenBucket:
    """Lets so many a second go, and after a rest a few at once. Times are of a clock that only runs forward."""

    def __init__(self, rate: float, *, burst: float = 1.0) -> None:
        """Allow rate in a second in the long run, and burst, at least 1, after a rest."""
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at_s: float | None = None

    def take(self, now_s: float) -> float:
        """Take a token; the seconds to wait before it may be used."""
        if self._at_s is not None:
            self._tokens = min(self._tokens + (now_s - self._at_s) * self._rate, self._burst)
        self._at_s = now_s
        self._tokens -= 1
        return max(0.0, -self._tokens / self._rate)
