"""`lampwatch incidents`: what is blocked or switched off, as it stands now or as it was known at a time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click
import msgspec

from lampwatch.cli.asked import Country, Instant, language_option
from lampwatch.cli.blocking_shown import clock
from lampwatch.cli.incident_shown import names_of, public_incident, write_objects
from lampwatch.cli.place import Place, data_option
from lampwatch.detect.episodes import episodes
from lampwatch.formats.instants import iso
from lampwatch.formats.printable import printable
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.errors import UserError
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.wording.episode import episode
from lampwatch.wording.said import Said
from lampwatch.wording.sentence import sentence

KINDS: Final = ("blocking", "connectivity")


@click.command()
@data_option
@click.option("--country", type=Country(), help="ISO 3166-1 alpha-2, as KZ.")
@click.option("--kind", type=click.Choice(KINDS), help="Only of what is blocked, or of connectivity.")
@click.option(
    "--level", type=click.IntRange(0, 4), default=1, show_default=True, help="Of this level and above."
)
@click.option("--as-of", type=Instant(), help="As it was known at this time (UTC).")
@click.option("--ongoing", is_flag=True, help="Only what lasts.")
@click.option("--retracted", is_flag=True, help="Also what was retracted since.")
@language_option
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "lines", "json", "jsonl"]),
    default="text",
    show_default=True,
    help="lines is one sentence a line, jsonl one object a line.",
)
def incidents(
    place: Place,
    country: str | None,
    kind: str | None,
    level: int,
    as_of: int | None,
    *,
    ongoing: bool,
    retracted: bool,
    locale: str,
    shape: str,
) -> None:
    """Print the incidents on record, latest onset first: each in one sentence that can be printed as it is.

    Incidents that belong to one episode stand together below its sentence, in the order they began.

    It reads the log of revisions, so that it can be asked while `lampwatch serve` runs. `lampwatch incident ID` tells
    all of one.
    """
    standing = standing_at(place, as_of)
    named = episodes([one.incident for one in standing if one.status is not Status.RETRACTED])
    chosen = [
        one
        for one in standing
        if (country is None or one.incident.country == country)
        and (kind is None or kind_of(one.incident) == kind)
        and one.incident.level >= level
        and not (level and one.incident.insufficient)
        and (retracted or one.status is not Status.RETRACTED)
        and (not ongoing or one.status is Status.ONGOING)
    ]
    chosen.sort(key=lambda one: (-one.incident.onset.at, one.incident.id))
    if shape in {"json", "jsonl"}:
        write_objects((public_revision(one, locale, named.get(one.incident.id, "")) for one in chosen), shape)
        return
    if not chosen:
        click.echo("No incident. Where nothing was measured, that says nothing.")
    # Names in a sentence are safe to print already, and its marks for reading directions must stay.
    for line in _lines(chosen, named, locale) if shape == "text" else (worded(one, locale) for one in chosen):
        click.echo(line)


def standing_at(place: Place, as_of: int | None) -> list[Revision]:
    """The last revision of each incident that was made by a time, in order of onsets; now where none is named."""
    return place.incidents().standing(as_of)


def kind_of(incident: AnyIncident) -> str:
    """`blocking` or `connectivity`."""
    return KINDS[0] if isinstance(incident, BlockingIncident) else KINDS[1]


def worded(revision: Revision, locale: str) -> str:
    """A revision's sentence. Raises UserError for a language that is not there."""
    return sentence(Said.of(revision), locale, names_of(revision.incident))


def worded_together(several: Sequence[Revision], locale: str) -> str:
    """What is said of an episode, of which these are some or all. Raises UserError as `worded` does."""
    return episode([Said.of(one) for one in several], locale, names_of(*(one.incident for one in several)))


def public_revision(revision: Revision, locale: str, belongs_to: str) -> dict[str, Any]:
    """A revision as a JSON object: the incident's fields, and how it stands."""
    return public_incident(revision.incident, worded(revision, locale)) | {
        "kind": kind_of(revision.incident),
        "status": str(revision.status),
        "episode": belongs_to or None,
        "revision": revision.number,
        "made_at": iso(revision.made_at),
        "because": revision.because,
        "detector": revision.detector,
        "inputs": msgspec.to_builtins(revision.inputs) | {"until": iso(revision.inputs.until)},
    }


def _lines(chosen: Sequence[Revision], named: Mapping[str, str], locale: str) -> Iterator[str]:
    """Each incident's sentence and how it stands; an episode where its latest one has its place."""
    together: dict[str, list[Revision]] = defaultdict(list)
    for one in chosen:
        together[named.get(one.incident.id, one.incident.id)].append(one)
    for group in together.values():
        inset = "  " if len(group) > 1 else ""
        if inset:
            yield f"{worded_together(group, locale)}\n"
        for one in reversed(group):
            yield f"{inset}{worded(one, locale)}"
            yield f"{inset}  {printable(one.incident.id)} · {_standing(one, named)}\n"


def _standing(one: Revision, named: Mapping[str, str]) -> str:
    level = f"level {int(one.incident.level)} {one.incident.level.name.lower()}"
    first = named.get(one.incident.id)
    belongs = f" · follows {printable(first)}" if first and first != one.incident.id else ""
    return f"{level} · {one.status} · revision {one.number} of {clock(one.made_at)}{belongs}"


def revisions_of(place: Place, name: str, as_of: int | None) -> list[Revision]:
    """All revisions of one incident that were made by a time, in order. Raises UserError where there is none."""
    found = [one for one in place.incidents().revisions(name) if as_of is None or one.made_at <= as_of]
    if not found:
        raise UserError(f"no incident is called {printable(name)}; `lampwatch incidents` lists them")
    return found
