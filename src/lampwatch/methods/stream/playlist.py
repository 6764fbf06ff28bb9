"""What a playlist says of a stream, whichever format it is written in, as far as it shows that time goes on."""

import datetime as dt

import msgspec


class Variant(msgspec.Struct, frozen=True):
    """One quality of a stream: its own playlist, and how many bits a second it takes (0: it does not say)."""

    bandwidth: int
    url: str


class Playlist(msgspec.Struct, frozen=True, kw_only=True):
    """One playlist as it was fetched.

    kind is `hls` or `dash`. variants is filled where it only leads to others. target_s is how often something new is
    to come, in seconds, 0 where it does not say. newest is the number or time of the last segment, None where there is
    none; program_time the moment its end shows, in seconds since 1970. by_clock: the newest one is reckoned by the
    time of day, so that it advances whatever the server does. segments are URLs, the newest last, at most two.
    """

    kind: str
    live: bool = True
    variants: tuple[Variant, ...] = ()
    target_s: float = 0.0
    newest: int | None = None
    program_time: float | None = None
    by_clock: bool = False
    segments: tuple[str, ...] = ()

    @property
    def lowest(self) -> Variant | None:
        """The variant of the lowest bandwidth; None where there are none."""
        return min(self.variants, key=lambda variant: variant.bandwidth, default=None)


def seconds_of(moment: str) -> float | None:
    """A moment as ISO 8601 has it -> seconds since 1970; UTC where it names no zone, None where it is none."""
    try:
        read = dt.datetime.fromisoformat(moment.strip())
    except ValueError:
        return None
    if read.tzinfo is None:
        read = read.replace(tzinfo=dt.UTC)
    try:
        return read.timestamp()
    except (OverflowError, ValueError):
        return None


def number(text: str, most: int = 2**62) -> int | None:
    """A whole number that is not negative, and no larger than any real one; None for anything else."""
    text = text.strip()[:24]
    if not (text.isascii() and text.isdigit()):
        return None
    return value if (value := int(text)) <= most else None


def decimal(text: str, most: float = 1e9) -> float:
    """A number that is not negative; 0 for anything else, also for one larger than any real one."""
    try:
        value = float(text.strip()[:24])
    except ValueError:
        return 0.0
    return value if 0.0 <= value <= most else 0.0
