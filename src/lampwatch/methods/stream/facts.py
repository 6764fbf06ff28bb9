"""What the rules on streams read."""

from collections.abc import Mapping
from typing import Final

from lampwatch.formats.names import url_parts
from lampwatch.judge.reachability import MOST_WITNESSES, ReachFacts
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Observations, Witness, witnessed
from lampwatch.model.vocabulary import Control

_KINDS: Final = ("dns", "tcp", "handshake", "http")
Sizes = tuple[int, int, int, int]


class StreamFacts(ReachFacts, frozen=True, kw_only=True):
    """One stream. kind is `hls`, `dash` or `icy`, empty where what came is none of them.

    over_tls: its playlist came over verified TLS, so that nobody on the path can have written it. advanced is None
    where nobody could see. lost: a later look at the playlist failed. outside_changes is whether the playlist changed
    for the control, None where that is not known. loaded: the beginning of a piece came; piece_failure and
    piece_status are those of the last one that was tried. heard_bytes is what came of a station, went_silent that it
    broke off.
    """

    kind: str
    over_tls: bool
    live: bool
    looks: int
    advanced: bool | None
    lost: bool
    outside_changes: bool | None
    loaded: bool
    piece_failure: Failure | None
    piece_status: int
    heard_bytes: int
    went_silent: bool

    @property
    def stands_still(self) -> bool:
        """The playlist came again and again, and time did not go on in it."""
        return bool(self.kind) and self.live and self.advanced is False and not self.lost


def stream_facts(measurement: Measurement, observations: Observations) -> StreamFacts:
    """The facts of one measurement."""
    notes = observations.notes
    opening, pieces = parts_of(notes)
    http = observations.probe.http
    final = http[0] if opening[3] and http else None
    answered = observations.control is not None
    return StreamFacts(
        target=url_parts(measurement.input).host or measurement.input[:253],
        host=url_parts(notes.get("piece", "")).host,
        control=_control(observations) if answered else Control.ABSENT,
        groups={
            "playlist": _playlist_witnesses(observations.probe, opening, pieces),
            "segments": _range("http", opening[3], opening[3] + pieces[3]),
        },
        kind=notes.get("kind", ""),
        over_tls=url_parts(notes.get("url", "")).scheme == "https" and final is not None and final.over_tls,
        live=notes.get("live") == "yes",
        looks=int(notes.get("looks", "0")),
        advanced=_advanced(notes),
        lost=notes.get("lost") == "yes",
        outside_changes={"yes": True, "no": False}.get(notes.get("outside.changes", "")),
        loaded=notes.get("loaded") == "yes",
        piece_failure=failure_of(notes.get("piece.failure") or None),
        piece_status=int(notes.get("piece.status", "0")),
        heard_bytes=int(notes.get("heard.bytes", "0")),
        went_silent=final is not None and final.failure is not None,
    )


def parts_of(notes: Mapping[str, str]) -> tuple[Sizes, Sizes]:
    """How many observations of each kind opened the stream, and how many fetched its pieces."""
    sizes = [tuple(map(int, part.split("+"))) for part in notes.get("parts", "0+0 0+0 0+0 0+0").split()]
    (a, b), (c, d), (e, f), (g, h) = sizes
    return (a, c, e, g), (b, d, f, h)


def part_of(facts: Facts, begin: Sizes, size: Sizes) -> Facts:
    """So many observations of each kind, from these on."""
    return Facts(
        facts.dns[begin[0] : begin[0] + size[0]],
        facts.tcp[begin[1] : begin[1] + size[1]],
        facts.handshakes[begin[2] : begin[2] + size[2]],
        facts.http[begin[3] : begin[3] + size[3]],
    )


def moved(witness: Witness, probe: Sizes, control: Sizes) -> Witness:
    """The name that an observation of a part has in the whole measurement: its number, and how many came before."""
    vantage, kind, n = witness.split(".")
    before = (probe if vantage == "probe" else control)[_KINDS.index(kind)]
    return witnessed(vantage, kind, int(n) + before)


def _control(observations: Observations) -> Control:
    notes, control = observations.notes, observations.control
    first = control.http[0] if control is not None and control.http else None
    if notes.get("outside.opening", "answered") == "":
        return Control.ABSENT
    return Control.WORKED if first is not None and first.failure is None else Control.FAILED


def _advanced(notes: Mapping[str, str]) -> bool | None:
    newest = notes.get("newest", "").split()
    if notes.get("by_clock") == "yes" or len(newest) < 2:  # noqa: PLR2004  before and after
        return None
    return len(set(newest)) > 1


def _playlist_witnesses(probe: Facts, opening: Sizes, pieces: Sizes) -> tuple[Witness, ...]:
    later = _range("http", opening[3] + pieces[3], len(probe.http))
    return (*_range("http", 0, opening[3]), *later)[:MOST_WITNESSES]


def _range(kind: str, begin: int, end: int) -> tuple[Witness, ...]:
    return tuple([witnessed("probe", kind, n) for n in range(begin, min(end, begin + MOST_WITNESSES))])
