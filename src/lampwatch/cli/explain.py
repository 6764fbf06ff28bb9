"""`lampwatch explain`: the chain from a verdict to the bytes it rests on."""

import json
from pathlib import Path
from typing import Any

import click

from lampwatch.cli.place import Place, data_option
from lampwatch.formats.archive import CorruptError
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.pipeline.methods import discover, rule_book
from lampwatch.pipeline.witness import Recheck, mozilla, rechecked
from lampwatch.store.protocol import Reading
from lampwatch.store.rows import MeasurementRow, VerdictRow

_CONTROL = {
    "worked": "worked",
    "failed": "could not reach it either",
    "absent": "did not answer, or there is none",
}
_SHOWN_NOT: tuple[str, ...] = ("uid", "day", "vantage", "n")


@click.command()
@click.argument("measurement_id")
@data_option
@click.option("--raw", is_flag=True, help="Print the raw measurement only, as it came.")
@click.option("--recheck", is_flag=True, help="Judge its bytes again, and check its certificates here.")
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --recheck: a PEM file of authorities to believe beside Mozilla's. For labs, and for old measurements.",
)
def explain(measurement_id: str, place: Place, *, raw: bool, recheck: bool, ca_file: Path | None) -> None:
    """Explain a measurement: verdict, rule, the facts it rests on, and where the raw bytes are."""
    with place.archive() as archive, place.existing_store(archive) as store:
        row = store.measurement(measurement_id)
        if row is None:
            raise UserError(
                f"no measurement is called {measurement_id}; `lampwatch verdicts` lists their ids"
            )
        if raw:
            click.echo(_raw(store, measurement_id), nl=True)
            return
        _header(row)
        if recheck:
            kernel = place.recipe(()).kernel()
            _rechecked(rechecked(store, kernel, mozilla(ca_file), measurement_id))
            return
        verdicts = store.verdicts_of(measurement_id)
        if not verdicts:
            click.echo("\nNo verdict: no method here judges this test.")
        for verdict in verdicts:
            _verdict(verdict)
        _facts(store, measurement_id, {witness for verdict in verdicts for witness in verdict.witnesses})
        _say(f"\nRaw: {row.size} bytes, `lampwatch explain {measurement_id} --raw`")
        if row.segment:
            click.echo(
                f"     archive segment {row.segment}, frame at byte {row.frame_offset}, line {row.n + 1}"
            )


def _say(line: str) -> None:
    """Print one line; what strangers wrote in it cannot act on the terminal."""
    blank = "\n" if line.startswith("\n") else ""
    click.echo(blank + printable(line.removeprefix("\n")))


def _raw(store: Reading, uid: str) -> bytes:
    try:
        content = store.raw(uid)
    except CorruptError as error:
        raise UserError(
            f"the raw bytes of {uid} cannot be read: {error}; restore the archive from a backup"
        ) from error
    if content is None:
        raise UserError(f"the raw bytes of {uid} are not in this archive")
    return content


def _header(row: MeasurementRow) -> None:
    network = f"AS{row.probe_asn} {row.network_name}".strip()
    _say(row.uid)
    _say(f"{row.method} {row.method_version} of {row.input or '(no input)'}")
    _say(f"measured {row.start_time:%Y-%m-%d %H:%M:%S} UTC in {row.probe_cc} on {network}")
    _say(f"by {row.software_name} {row.software_version}; came from {row.source}, line {row.position}")


def _verdict(verdict: VerdictRow) -> None:
    what = " · ".join(part for part in (verdict.layer, verdict.mechanism) if part)
    _say(
        f"\n{verdict.target} is {verdict.state.upper()}{f' ({what})' if what else ''}, because {verdict.because}."
    )
    if verdict.hostname and verdict.hostname != verdict.target:
        _say(f"  at          {verdict.hostname}")
    _say(f"  rule        {verdict.rule_id} (rule book {verdict.rules_version})")
    rule = rule_book(discover()).get(verdict.rule_id)
    if rule is None:
        click.echo(
            "              this version of Lampwatch has no such rule any more; `lampwatch reprocess` judges anew"
        )
    if len(verdict.layers) > 1:
        _say(f"  layers      {', '.join(verdict.layers)}")
    ground = "" if verdict.evidence == "none" else f"{verdict.evidence}; "
    _say(f"  evidence    {ground}the control {_CONTROL[verdict.control]}")
    if verdict.fingerprint:
        _say(f"  recognised  {verdict.fingerprint}")
    for finding in verdict.findings:
        _say(f"  also held   {finding}")
    networks = "none: done without" if verdict.networks_version == "none" else verdict.networks_version
    prints = "none: done without" if verdict.fingerprints_version == "none" else verdict.fingerprints_version
    _say(f"  references  networks {networks}; fingerprints {prints}")


def _rechecked(found: Recheck) -> None:
    """Print whether a measurement holds as a witness, and why."""
    holds = "it holds" if found.holds else "it does NOT hold"
    click.echo(f"\nRe-checked from its raw bytes as a witness: {holds}.")
    for finding in found.findings:
        _say(f"  {finding}")
    if found.certificates:
        click.echo("\ncertificates, as checked here at the time of the measurement")
    # The same certificate at many addresses says the same each time.
    for told in dict.fromkeys(one.told for one in found.certificates):
        _say(f"  {told}")


def _facts(store: Reading, uid: str, witnesses: set[str]) -> None:
    for kind, rows in store.observations_of(uid).items():
        if not rows:
            continue
        _say(f"\n{kind}  (* the verdict rests on it)")
        for row in rows:
            mark = "*" if f"{row['vantage']}.{kind}.{row['n']}" in witnesses else " "
            _say(f" {mark} {row['vantage']:7} {_shown(row)}")


def _shown(row: dict[str, Any]) -> str:
    parts = []
    for name, value in row.items():
        # A handshake that failed verified nothing, whatever it was asked to do.
        if name == "verified" and row.get("failure"):
            continue
        if name in _SHOWN_NOT or value in (None, "", [], 0, -1, False):
            continue
        parts.append(
            f"{name}={value if isinstance(value, str | int | float) else json.dumps(value, default=str)}"
        )
    return "  ".join(parts) + ("" if row.get("failure") else "  ✓")
