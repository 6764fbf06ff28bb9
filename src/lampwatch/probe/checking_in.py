"""Asks a collector where this probe is and what it may measure, as OONI's probes do, and remembers where it was.

A probe that starts in a blackout cannot ask: then it is taken to be where it was, and its measurements say so. Only the
country and the network are remembered, never an address. Source: OONI spec, bk-005 (check-in, version 1).
"""

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec

from lampwatch import __version__
from lampwatch.formats.names import url_parts
from lampwatch.formats.printable import printable
from lampwatch.formats.test_list import MAX_URL, TestListEntry
from lampwatch.probe.clock import Clock
from lampwatch.probe.document import SOFTWARE, Vantage
from lampwatch.probe.upload_batch import failure_of
from lampwatch.probe.upload_exchange import post

ROUTE: Final = "/api/v1/check-in"
REMEMBERED: Final = "lampwatch_whereabouts"
"""The annotation of measurements whose country and network were not asked for, but remembered: since when."""
FILE: Final = "whereabouts.json"
MOST_URLS: Final = 10_000

_HEADERS: Final = {"Content-Type": "application/json"}
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_ASN: Final = re.compile(r"AS(\d{1,10})")
_CATEGORY: Final = re.compile(r"[A-Z]{2,8}")


class CheckedIn(msgspec.Struct, frozen=True):
    """What a collector says: where the probe is, which URLs to measure, and by whose control. failure: why not.

    own_address is what the probe is seen as, to be kept out of measurements; it is never written down.
    """

    vantage: Vantage = Vantage()
    entries: tuple[TestListEntry, ...] = ()
    controls: tuple[str, ...] = ()
    failure: str = ""
    own_address: str = ""


class _Known(msgspec.Struct):
    country: str
    asn: int
    network_name: str
    since: str


async def check_in(
    client: httpx.AsyncClient, collector: str, asked: Vantage, categories: Sequence[str], clock: Clock
) -> CheckedIn:
    """Check in once. What is known of the vantage is said, ZZ and 0 ask for it. The answer is a stranger's: checked."""
    content: dict[str, Any] = {
        "run_type": "timed",
        "charging": True,
        "on_wifi": False,
        "platform": "linux",
        "probe_asn": f"AS{asked.probe_asn}",
        "probe_cc": asked.probe_cc,
        "software_name": SOFTWARE,
        "software_version": __version__,
        "web_connectivity": {"category_codes": list(categories)},
    }
    reply = await post(client, collector + ROUTE, msgspec.json.encode(content), _HEADERS, clock)
    fields = reply.fields
    if reply.status != 200 or fields is None or "probe_cc" not in fields:  # noqa: PLR2004  HTTP's own number
        return CheckedIn(asked, failure=reply.failure or failure_of(reply))
    return CheckedIn(
        _vantage(fields, asked),
        tuple(_entries(_inner(fields, "tests", "web_connectivity", "urls"))),
        tuple(_controls(_inner(fields, "conf", "test_helpers", "web-connectivity"))),
        own_address=seen if isinstance(seen := fields.get("your_address"), str) else "",
    )


def remember(directory: Path, vantage: Vantage, now: dt.datetime) -> None:
    """Remember a country and a network that were asked for. Where that cannot be written, nothing is remembered."""
    known = _Known(vantage.probe_cc, vantage.probe_asn, vantage.network_name, f"{now:%Y-%m-%d}")
    try:
        making = directory / f"{FILE}.new"
        making.write_bytes(msgspec.json.encode(known) + b"\n")
        making.replace(directory / FILE)
    except OSError:
        return


def remembered(directory: Path) -> Vantage | None:
    """Where the probe was when it last could ask, marked as remembered; None where it never could."""
    try:
        known = msgspec.json.decode((directory / FILE).read_bytes(), type=_Known)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return Vantage(
        probe_cc=known.country,
        probe_asn=known.asn,
        network_name=known.network_name,
        annotations={REMEMBERED: f"remembered from {known.since}"},
    )


def _vantage(fields: dict[str, Any], asked: Vantage) -> Vantage:
    country, asn, name = (fields.get(key) for key in ("probe_cc", "probe_asn", "probe_network_name"))
    number = _ASN.fullmatch(asn) if isinstance(asn, str) else None
    found = Vantage(
        probe_cc=country if isinstance(country, str) and _COUNTRY.fullmatch(country) else "ZZ",
        probe_asn=int(number[1]) if number and int(number[1]) < 2**32 else 0,
        network_name=printable(name)[:200] if isinstance(name, str) else "",
    )
    # What the user said counts, whatever a stranger makes of the address.
    if asked.probe_cc != "ZZ":
        found = msgspec.structs.replace(found, probe_cc=asked.probe_cc)
    if asked.probe_asn and asked.probe_asn != found.probe_asn:
        found = msgspec.structs.replace(found, probe_asn=asked.probe_asn, network_name="")
    return found


def _inner(fields: dict[str, Any], *path: str) -> list[Any]:
    found: Any = fields
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found[:MOST_URLS] if isinstance(found, list) else []


def _entries(urls: list[Any]) -> list[TestListEntry]:
    found = []
    for one in urls:
        url, code = (one.get("url"), one.get("category_code")) if isinstance(one, dict) else (None, None)
        if not isinstance(url, str) or not isinstance(code, str) or len(url) > MAX_URL:
            continue
        parts = url_parts(url)
        if (
            url.isprintable()
            and parts.scheme in {"http", "https"}
            and parts.host
            and _CATEGORY.fullmatch(code)
        ):
            found.append(TestListEntry(url, code))
    return found


def _controls(helpers: list[Any]) -> list[str]:
    addresses = [one.get("address") for one in helpers if isinstance(one, dict)]
    return [one for one in addresses if isinstance(one, str) and url_parts(one).scheme == "https"][:5]
