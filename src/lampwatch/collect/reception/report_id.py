"""Names of reports, in OONI's form: they can be told from anything else without a list of those given out.

A name is only ever checked for its form. What was acknowledged under it, or is still to come after a restart or a
blackout, must never be refused because nobody remembers the name. Source: OONI spec, bk-003-collector.
"""

import datetime as dt
import re
from typing import Final

TOKEN_CHARACTERS: Final = 16
_COLLECTOR: Final = 1
_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")
_ASN: Final = re.compile(r"(?:AS)?([0-9]{1,10})", re.IGNORECASE)
_REPORT_ID: Final = re.compile(
    r"[0-9]{8}T[0-9]{6}Z_[A-Za-z0-9_-]{1,64}_[A-Z]{2}_[0-9]{1,10}_n[0-9]{1,4}_[A-Za-z0-9]{16}"
)


def report_id(now: dt.datetime, test_name: str, probe_cc: str, probe_asn: str, token: str) -> str:
    """`{YYYYmmddTHHMMSSZ}_{testname}_{CC}_{asn}_n{cid}_{16 characters}`.

    now is UTC; token is random. Raises ValueError where test_name is no name of a test.
    """
    if not _NAME.fullmatch(test_name):
        message = f"test_name is {test_name[:80]!r}"
        raise ValueError(message)
    name = test_name.replace("_", "") or "test"
    place = f"{country_of(probe_cc)}_{asn_of(probe_asn)}"
    return f"{now:%Y%m%dT%H%M%SZ}_{name}_{place}_n{_COLLECTOR}_{token[:TOKEN_CHARACTERS]}"


def is_report_id(text: str) -> bool:
    """Whether a text has the form of a report's name."""
    return _REPORT_ID.fullmatch(text) is not None


def country_of(code: str) -> str:
    """A country's two letters, ZZ where there are none."""
    return code.upper() if _COUNTRY.fullmatch(code) else "ZZ"


def asn_of(text: str) -> int:
    """A network's number from `AS9198` or `9198`, 0 where it is none."""
    found = _ASN.fullmatch(text)
    number = int(found[1]) if found else 0
    return number if number < 2**32 else 0
