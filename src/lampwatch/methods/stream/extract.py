"""Our test stream -> the steps to its playlist and to its pieces, the control's of both, and how time went on.

Observations of each kind stand in three parts: first what opened the stream, then what fetched its pieces, then the
later looks at the playlist. The notes tell where the parts end, and sum up `x_stream`.
"""

from collections.abc import Sequence
from typing import Final, Protocol, TypeVar

import msgspec

from lampwatch.model.failure import failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Observations
from lampwatch.observe.archival import (
    Connect,
    FailureText,
    Query,
    Tags,
    TlsHandshake,
    Transaction,
    connects,
    exchanges,
    handshakes,
    lookups,
)
from lampwatch.observe.control_answer import ControlAnswer, control_facts

NAMES: Final = ("stream",)
NEEDS_INPUT: Final = True

_PIECE: Final = "stream=segment"
_LATER: Final = "stream=playlist"
KINDS: Final = ("hls", "dash", "icy")


class Look(msgspec.Struct, gc=False):
    """One look at the playlist."""

    url: str | None = None
    failure: FailureText = None
    status: int | None = None
    live: bool | None = None
    by_clock: bool | None = None
    newest: int | None = None


class Piece(msgspec.Struct, gc=False):
    """One segment."""

    url: str | None = None
    failure: FailureText = None
    status: int | None = None
    num_bytes: int | None = None


class OutsideLook(msgspec.Struct, gc=False):
    """What the headers of the playlist were for the control."""

    failure: FailureText = None
    status: int | None = None
    last_modified: str | None = None
    etag: str | None = None


class Sound(msgspec.Struct, gc=False):
    """What was heard of a station."""

    bytes: int | None = None
    seconds: float | None = None


class Stream(msgspec.Struct, gc=False):
    """`x_stream`, as far as it is used here."""

    kind: str | None = None
    playlists: list[Look] | None = None
    segments: list[Piece] | None = None
    outside: list[OutsideLook] | None = None
    heard: Sound | None = None
    segment_control: ControlAnswer | None = None
    segment_control_failure: FailureText = None


class TestKeys(msgspec.Struct, gc=False):
    """The keys of README.md, as far as they are used here."""

    queries: list[Query] | None = None
    x_dns_duplicate_responses: list[Query] | None = None
    tcp_connect: list[Connect] | None = None
    tls_handshakes: list[TlsHandshake] | None = None
    requests: list[Transaction] | None = None
    control: ControlAnswer | None = None
    control_failure: FailureText = None
    x_stream: Stream | None = None


class _Tagged(Protocol):
    tags: Tags


T = TypeVar("T", bound=_Tagged)


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:
    """The probe's observations in their parts, and the control's, of the playlist and then of a piece."""
    stream = test_keys.x_stream or Stream()
    queries = _parted(test_keys.queries)
    tcp, tls, http = (
        _parted(test_keys.tcp_connect),
        _parted(test_keys.tls_handshakes),
        _parted(test_keys.requests),
    )
    dns = [found for part in queries for found in lookups(part)]
    dns += lookups(test_keys.x_dns_duplicate_responses, late=True)
    probe = Facts(
        dns,
        [found for part in tcp for found in connects(part)],
        [found for part in tls for found in handshakes(part)],
        [found for part in http for found in exchanges(part)],
    )
    parts = [[len(part) for part in kind[:2]] for kind in (queries, tcp, tls, http)]
    notes = _notes(stream, str(measurement.input))
    notes["parts"] = " ".join(f"{opening}+{pieces}" for opening, pieces in parts)
    whole = control_facts(test_keys.control, test_keys.control_failure, measurement.input)
    piece = _piece_outside(stream)
    if piece is None:
        return Observations(probe, whole, notes)
    first = whole or Facts()
    sizes = (len(first.dns), len(first.tcp), len(first.handshakes), len(first.http))
    notes["outside.parts"] = " ".join(map(str, sizes))
    notes["outside.opening"] = "" if whole is None else "answered"
    both = Facts(
        [*first.dns, *piece.dns],
        [*first.tcp, *piece.tcp],
        [*first.handshakes, *piece.handshakes],
        [*first.http, *piece.http],
    )
    return Observations(probe, both, notes)


def _parted(entries: Sequence[T] | None) -> tuple[list[T], list[T], list[T]]:
    """The entries that opened the stream, those of its pieces, and those of later looks."""
    opening: list[T] = []
    pieces: list[T] = []
    later: list[T] = []
    for entry in entries or ():
        tags = entry.tags or ()
        (pieces if _PIECE in tags else later if _LATER in tags else opening).append(entry)
    return opening, pieces, later


def _piece_outside(stream: Stream) -> Facts | None:
    failing = stream.segments[-1] if stream.segments else None
    if failing is None or not failing.url:
        return None
    return control_facts(stream.segment_control, stream.segment_control_failure, failing.url)


def _notes(stream: Stream, url: str) -> dict[str, str]:
    looks, pieces = stream.playlists or [], stream.segments or []
    # A look that did not show a playlist tells nothing of time; one that showed an empty one does.
    seen = [look for look in looks if look.live is not None]
    last = looks[-1] if looks else None
    failing = pieces[-1] if pieces else None
    heard = stream.heard
    return {
        "kind": stream.kind if stream.kind in KINDS else "",
        "url": (looks[0].url if looks else None) or url,
        "live": "yes" if any(look.live for look in looks) else "no",
        "looks": str(len(looks)),
        "newest": " ".join(str(look.newest) for look in seen[:8]),
        "by_clock": "yes" if any(look.by_clock for look in looks) else "no",
        "lost": "yes" if last is not None and last.live is None else "no",
        "piece": "" if failing is None else failing.url or "",
        "piece.failure": str(failure_of(failing.failure) or "") if failing else "",
        "piece.status": str(failing.status or 0) if failing else "0",
        "loaded": "yes" if any(_loaded(piece) for piece in pieces) else "no",
        "outside.changes": _changes_outside(stream.outside or ()),
        "heard.bytes": str(heard.bytes or 0) if heard else "0",
    }


def _loaded(piece: Piece) -> bool:
    good = 200 <= (piece.status or 0) < 300  # noqa: PLR2004  success by RFC 9110
    return failure_of(piece.failure) is None and good and (piece.num_bytes or 0) > 0


def _changes_outside(looks: Sequence[OutsideLook]) -> str:
    """Whether the playlist was another one when the control looked again: `yes`, `no`, or empty where nobody knows."""
    if len(looks) != 2 or any(failure_of(look.failure) is not None for look in looks):  # noqa: PLR2004  before and after
        return ""
    before, after = looks
    if before.status != after.status or before.status != 200:  # noqa: PLR2004  success by RFC 9110
        return ""
    # A date is of the content; a tag may be of the machine that gave it, so it only counts where there is no date.
    for one, other in ((before.last_modified, after.last_modified), (before.etag, after.etag)):
        if one and other:
            return "no" if one == other else "yes"
    return ""
