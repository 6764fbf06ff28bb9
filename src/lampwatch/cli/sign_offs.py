"""`lampwatch sign-offs`: what persons signed, and whether it holds."""

import datetime as dt
from collections.abc import Iterator
from typing import Final

import click
import msgspec

from lampwatch.cli.place import Place, data_option
from lampwatch.detect.sign_offs import LAPSED, Said, deciding
from lampwatch.formats.printable import printable
from lampwatch.model.signoff import Entry, SignOff

_LAST_SECOND: Final = 253_402_300_799
"""The last that a calendar knows: whoever writes into the file may write any number."""


@click.command("sign-offs")
@data_option
@click.option("--incident", metavar="ID", help="Only those of one incident.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["text", "jsonl"]),
    default="text",
    show_default=True,
    help="text for reading; jsonl has one object a line.",
)
def sign_offs(place: Place, incident: str | None, shape: str) -> None:
    """List what persons signed of incidents, in order, and whether it holds.

    What does not hold counts for nothing, and is listed with the reason.
    """
    entries = place.sign_offs().entries(place.signers().all())
    # A line that cannot be read may be of any incident.
    shown = [
        one
        for one in entries
        if incident is None or one.sign_off is None or one.sign_off.incident == incident
    ]
    if shape == "jsonl":
        for entry in shown:
            click.echo(msgspec.json.encode(entry))
        return
    if not shown:
        click.echo("Nobody has signed anything.")
    counting = [one.sign_off for one in entries if one.sign_off is not None and not one.invalid]
    said = Said(counting, place.incidents().revisions())
    for entry in shown:
        for line in _told(entry, said):
            click.echo(printable(line))


def _told(entry: Entry, said: Said) -> Iterator[str]:
    """An entry in lines, the first of which says whether it holds."""
    sign_off = entry.sign_off
    if sign_off is None:
        yield f"line {entry.line}: invalid, counts for nothing: {entry.invalid}"
        return
    state = f"invalid, counts for nothing: {entry.invalid}" if entry.invalid else _standing(sign_off, said)
    at = dt.datetime.fromtimestamp(min(max(sign_off.at, 0), _LAST_SECOND), dt.UTC)
    what = f"{sign_off.decision} {sign_off.incident} revision {sign_off.revision}"
    yield f"{at:%Y-%m-%d %H:%M} UTC  {what}, by {sign_off.by}: {state}"
    yield f"  because  {sign_off.because}"
    if sign_off.order:
        yield f"  order    {sign_off.order}"


def _standing(sign_off: SignOff, said: Said) -> str:
    """How a sign-off that counts stands now."""
    if deciding(sign_off.incident, said.sign_offs) != sign_off:
        return "valid, and a later one took its place"
    last = next((one for one in reversed(said.history) if one.incident.id == sign_off.incident), None)
    if last is None:
        return "valid, and the log of incidents has no such incident"
    against = said.of(last.incident).incident.against
    return next(
        (f"valid; {reason.text}" for reason in against if reason.name == LAPSED), "valid, and it stands"
    )
