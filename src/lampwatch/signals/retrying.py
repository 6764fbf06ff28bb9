"""When a server may be asked again, and after how long."""

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import Final

RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that say nothing of the next time (RFC 9110, RFC 6585, RFC 8470)."""


def asked_wait_s(retry_after: str, now: float) -> float:
    """What Retry-After asks for, in seconds from now (seconds since 1970); 0 where it says nothing that can be read."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return 0.0
    then = then if then.tzinfo else then.replace(tzinfo=dt.UTC)
    return max(then.timestamp() - now, 0.0)
