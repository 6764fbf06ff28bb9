"""DASH manifests (ISO/IEC 23009-1) -> what they say of the stream, by their segment templates."""

import re
from typing import Final
from urllib.parse import urljoin

import msgspec

from lampwatch.methods.stream.playlist import Playlist, decimal, number, seconds_of
from lampwatch.methods.stream.xml import Element, read_xml

_DURATION: Final = re.compile(
    r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?\Z"
)
_FIELD: Final = re.compile(r"\$(RepresentationID|Number|Time|Bandwidth)?(?:%0(\d{1,2})d)?\$")


class _Choice(msgspec.Struct, frozen=True):
    """The representation that is followed: the elements around it from the manifest inwards, itself last."""

    around: tuple[Element, ...]

    def attribute(self, element: str, name: str) -> str:
        """An attribute of an element, the innermost that has it."""
        for outer in reversed(self.around):
            found = outer.one(element)
            if found is not None and found.get(name):
                return found.get(name)
        return ""

    def timeline(self) -> Element | None:
        """The innermost SegmentTimeline."""
        for outer in reversed(self.around):
            template = outer.one("SegmentTemplate")
            timeline = template.one("SegmentTimeline") if template is not None else None
            if timeline is not None:
                return timeline
        return None


class _Newest(msgspec.Struct, frozen=True):
    """The last segment: its number from the first, when it begins and how long it is, in units of the timescale."""

    count: int
    begins: int
    length: int


def read_dash(content: bytes, url: str, now: float) -> Playlist | None:
    """A manifest fetched from url; None where it is none. now is the time of day, in seconds since 1970.

    The representation of the lowest bandwidth in the last period is followed. One without a segment template has no
    segments here.
    """
    root = read_xml(content)
    if root is None or root.name != "MPD":
        return None
    live = root.get("type") == "dynamic"
    choice = _lowest(root)
    update_s = duration_s(root.get("minimumUpdatePeriod"))
    if choice is None:
        return Playlist(kind="dash", live=live, target_s=update_s)
    scale = number(choice.attribute("SegmentTemplate", "timescale")) or 1
    period = choice.around[1]
    starts = (seconds_of(root.get("availabilityStartTime")) or 0.0) + duration_s(period.get("start"))
    offset = number(choice.attribute("SegmentTemplate", "presentationTimeOffset")) or 0
    elapsed = int(max(0.0, now - starts) * scale) + offset if live else None
    newest, by_clock = _newest(choice, elapsed)
    if newest is None:
        return Playlist(kind="dash", live=live, target_s=update_s)
    start_number = number(choice.attribute("SegmentTemplate", "startNumber"))
    first = 1 if start_number is None else start_number
    ends = newest.begins + newest.length
    return Playlist(
        kind="dash",
        live=live,
        target_s=max(update_s, newest.length / scale),
        newest=first + newest.count - 1 if by_clock else newest.begins,
        program_time=starts + (ends - offset) / scale if live else None,
        by_clock=by_clock,
        segments=_address(choice, url, first + newest.count - 1, newest.begins),
    )


def duration_s(text: str) -> float:
    """An ISO 8601 duration in days and smaller, in seconds; 0 where it is none."""
    found = _DURATION.match(text.strip()[:64])
    if found is None:
        return 0.0
    days, hours, minutes, seconds = (decimal(part or "0") for part in found.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + seconds


def _lowest(root: Element) -> _Choice | None:
    periods = root.every("Period")
    if not periods:
        return None
    found = [
        (number(one.get("bandwidth")) or 0, n, _Choice((root, periods[-1], group, one)))
        for n, (group, one) in enumerate(
            (group, one)
            for group in periods[-1].every("AdaptationSet")
            for one in group.every("Representation")
        )
    ]
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _newest(choice: _Choice, elapsed: int | None) -> tuple[_Newest | None, bool]:
    """The last segment, and whether it is reckoned by the time of day; elapsed is that time, None where recorded."""
    timeline = choice.timeline()
    if timeline is not None:
        return _of_timeline(timeline, elapsed)
    length = number(choice.attribute("SegmentTemplate", "duration"))
    if not length:
        return None, False
    # A recorded stream: its first segment stands for all. A live one: what is whole by now.
    count = 1 if elapsed is None else elapsed // length
    return (_Newest(count, (count - 1) * length, length), elapsed is not None) if count else (None, False)


def _of_timeline(timeline: Element, elapsed: int | None) -> tuple[_Newest | None, bool]:
    count = at = 0
    newest: _Newest | None = None
    by_clock = False
    for entry in timeline.every("S"):
        length = number(entry.get("d"))
        if not length:
            continue
        told = number(entry.get("t"))
        at = at if told is None else told
        open_ended = entry.get("r").strip().startswith("-")
        repeats = number(entry.get("r")) or 0
        if open_ended:  # repeated until now
            repeats = max(0, ((elapsed or at) - at) // length - 1)
            by_clock = elapsed is not None
        count += repeats + 1
        newest = _Newest(count, at + repeats * length, length)
        at += (repeats + 1) * length
    return newest, by_clock


def _address(choice: _Choice, url: str, count: int, begins: int) -> tuple[str, ...]:
    template = choice.attribute("SegmentTemplate", "media")
    if not template:
        return ()
    representation = choice.around[-1]
    values = {
        "RepresentationID": representation.get("id"),
        "Bandwidth": number(representation.get("bandwidth")) or 0,
        "Number": count,
        "Time": begins,
    }

    def filled(match: re.Match[str]) -> str:
        if match[1] is None:
            return "$"
        value = values[match[1]]
        return f"{value:0{match[2]}d}" if match[2] and isinstance(value, int) else str(value)

    try:
        for outer in choice.around:
            base = outer.one("BaseURL")
            url = urljoin(url, base.text.strip()) if base is not None else url
        return (urljoin(url, _FIELD.sub(filled, template)),)
    except ValueError:
        return ()
