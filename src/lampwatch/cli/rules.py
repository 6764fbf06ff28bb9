"""`lampwatch rules`: the whole rule book."""

import json

import click
from rich.console import Console
from rich.table import Table

from lampwatch.judge.version import RULES_VERSION
from lampwatch.pipeline.methods import discover, rule_book


@click.command()
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="How to print them.",
)
@click.option("--method", help="Only the rules of one method.")
def rules(shape: str, method: str | None) -> None:
    """Print every rule by which a verdict is reached: what it says, how it knows, and why."""
    found = tuple(entry for entry in discover() if method in {None, entry.name})
    if not found:
        raise click.BadParameter(f"{method!r} is no method", param_hint="--method")
    rows = [
        {
            "rule_id": rule.id,
            "state": str(rule.state),
            "layer": rule.layer and str(rule.layer),
            "mechanism": rule.mechanism and str(rule.mechanism),
            "evidence": str(rule.evidence),
            "because": rule.because,
            "rests_on": list(rule.rests_on),
            "rules_version": RULES_VERSION,
        }
        for rule in rule_book(found).values()
    ]
    if shape == "json":
        click.echo(json.dumps(rows, indent=2))
        return
    if shape == "markdown":
        click.echo("| rule | state | layer | mechanism | evidence | because |\n|---|---|---|---|---|---|")
        for row in rows:
            cells = (
                row["rule_id"],
                row["state"],
                row["layer"],
                row["mechanism"],
                row["evidence"],
                row["because"],
            )
            click.echo(f"| {' | '.join(str(cell or '-') for cell in cells)} |")
        return
    table = Table("rule", "says", "evidence", "because", title=f"Rule book {RULES_VERSION}")
    for row in rows:
        says = "\n".join(str(part) for part in (row["state"], row["mechanism"] or row["layer"]) if part)
        table.add_row(str(row["rule_id"]), says, str(row["evidence"]), str(row["because"]))
    Console().print(table)
