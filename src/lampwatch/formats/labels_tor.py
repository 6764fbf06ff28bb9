"""Tor Metrics' news.json -> labels: what its people noted of Tor users in a country.

An entry: start and end (YYYY-MM-DD), ongoing, places (alpha-2, lower case), protocols, short_description, description,
links, unknown (nobody knows why). Entries without a place are about Tor itself and are passed over, and so are those
about what no count of users shows. Source: metrics.torproject.org/news.html; github.com/torproject/metrics-web (CC0).
"""

import re
from typing import Any, Final

import msgspec

from lampwatch.formats.csv_rows import MalformedRow, RowError
from lampwatch.formats.label_rows import MAX_TEXT, LabelRows, ends_after
from lampwatch.formats.label_times import moment
from lampwatch.formats.places import country_code
from lampwatch.model.entity import Entity
from lampwatch.model.errors import UserError
from lampwatch.model.label import DAY_S, Label, LabelKind
from lampwatch.model.series import Family

_UNSEEN: Final = frozenset({"webstats", "onion", "exit", "moat", "ipv4", "ipv6"})
"""Protocols that no count of users by country shows."""
_KINDS: Final = (
    (LabelKind.OUTAGE, re.compile(r"\b(shutdowns?|internet blackout|outages?|hurricane)\b")),
    (
        LabelKind.SURGE,
        re.compile(r"\b(increase|surge|spike|jump|tripl\w+|peak|unblock\w*|accessible|fluctuat\w+)\b"),
    ),
    (
        LabelKind.BLOCKING,
        re.compile(r"\b(block\w*|ban|censor\w*|reported blocking|blackout|man-in-the-middle)\b"),
    ),
    (LabelKind.FALL, re.compile(r"\b(drop|decrease|decline)\b")),
)


class _Entry(msgspec.Struct):
    start: str = ""
    end: str = ""
    ongoing: bool = False
    unknown: bool = False
    places: list[str] = []
    protocols: list[str] = []
    short_description: str = ""


def read_tor_news(content: bytes, source: str) -> LabelRows:
    """Read the file's bytes: a label for each place of an entry. Malformed entries are counted by their place, from 1.

    Raises UserError where it is no JSON array.
    """
    try:
        entries = msgspec.json.decode(content, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise UserError(f"{source} is no list of events: {error}") from error
    found: list[Label] = []
    malformed = []
    passed_over = 0
    for place, raw in enumerate(entries, 1):
        try:
            entry = msgspec.json.decode(raw, type=_Entry)
            if not entry.places or (entry.protocols and set(entry.protocols) <= _UNSEEN):
                passed_over += 1
                continue
            found += _labels(entry)
        except (msgspec.DecodeError, RowError) as error:
            malformed.append(MalformedRow(source, place, str(error)[:MAX_TEXT]))
    return LabelRows(tuple(found), tuple(malformed), passed_over)


def _labels(entry: _Entry) -> list[Label]:
    begin = moment(entry.start)
    end = ends_after(begin, moment(entry.end) if entry.end else None)
    text = entry.short_description[:MAX_TEXT]
    kind = _kind(text)
    # What it shows in, since news of bridges alone cannot be seen in a count of relay users.
    protocols = ", ".join(entry.protocols) or "any"
    shared: dict[str, Any] = {
        "begin": begin.at,
        "end": end,
        "source": "tor-metrics-news",
        # What is left are protests, elections and a coup, around which services are blocked.
        "kind": kind or LabelKind.BLOCKING,
        "cause": "" if entry.unknown else text,
        "deliberate": True if kind is LabelKind.BLOCKING and not entry.unknown else None,
        "resolution_s": DAY_S,
        "families": frozenset({Family.USERS}),
        "note": f"{'ongoing; ' if entry.ongoing else ''}protocols: {protocols}"[:MAX_TEXT],
    }
    return [Label(entity=Entity(_country(place)), **shared) for place in entry.places]


def _country(place: str) -> str:
    code = country_code(place)
    if not code:
        raise RowError(f"nobody knows the country {place[:60]!r}")
    return code


def _kind(text: str) -> LabelKind | None:
    lower = text.lower()
    return next((kind for kind, words in _KINDS if words.search(lower)), None)
