"""`lampwatch lab`: the censor simulator. What it can show, whether the truth is told in it, and a look inside."""

import importlib
import importlib.util
import json
import pkgutil
import shlex
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from lampwatch import methods
from lampwatch.cli.lab_record import check_folder, checked, recorded, span_of, steps_beside, written
from lampwatch.cli.lab_shown import RunsShown
from lampwatch.cli.settings import environment
from lampwatch.judge.references import References
from lampwatch.lab.networks import LabNetworks
from lampwatch.lab.run import Outcome, Services, run_all, start_services
from lampwatch.lab.sandbox import Sandbox, available
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.view import CONTROL_RESOLVER, LabView
from lampwatch.lab.week import WEEK
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Reader
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import by_test_name, discover

_PROGRAM: Final = (sys.executable, "-m", "lampwatch")
_DATA: Final = "/run/lab/data"
_WEEK_S: Final = 7 * 24 * 3600


@click.group()
def lab() -> None:
    """Look at censorship in a laboratory: real packets between a client, a censor and the outside, on this machine.

    Everything happens in namespaces of its own, without any way out to the Internet, and is gone afterwards. No root is
    needed where user namespaces are allowed.
    """


@lab.command("list")
@click.option("--method", help="Only those of one method.")
def list_scenarios(method: str | None) -> None:
    """List the scenarios: their name, the truth, and what they are about."""
    for scenario in _chosen((), method, everything=method is None):
        click.echo(f"{scenario.name:34} {truth_text(scenario)}\n    {scenario.story}")


@lab.command("run")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.option("--method", help="All scenarios of one method.")
@click.option("--all", "everything", is_flag=True, help="All scenarios there are.")
@click.option("--repeat", type=click.IntRange(1), default=1, show_default=True, help="How often to run each.")
@click.option(
    "--parallel", type=click.IntRange(1, 64), default=4, show_default=True, help="How many labs at once."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a run, as they end.")
def run_scenarios(
    names: tuple[str, ...], method: str | None, *, everything: bool, repeat: int, parallel: int, as_json: bool
) -> None:
    """Run scenarios with the real probe and the real judge, and compare with the truth.

    Ends with status 1 where a truth was missed.
    """
    chosen = _chosen(names, method, everything=everything)
    _needs_a_lab()
    runs = [scenario for scenario in chosen for _ in range(repeat)]
    shown = RunsShown(Console(stderr=True), len(runs))
    outcomes = run_all(
        runs,
        parallel=parallel,
        probe_command=probe_command,
        services=SERVICES,
        judge=LabJudge().verdicts,
        begun=shown.begun,
    )
    missed = Counter[bool]()
    console = Console(highlight=False)
    try:
        with closing(outcomes), shown:
            for outcome in outcomes:
                missed[not outcome.right] += 1
                shown.ended(outcome.scenario)
                with shown.aside():
                    if as_json:
                        click.echo(json.dumps(outcome_row(outcome)))
                    else:
                        _show(console, outcome)
    except KeyboardInterrupt:
        told = f"{missed.total()} of {len(runs)} runs had ended, {missed[False]} told the truth"
        raise KeyboardInterrupt(f"{told}; the same command begins anew") from None
    if not as_json:
        click.echo(f"{missed[False]} of {missed.total()} told the truth")
    if missed[True]:
        click.get_current_context().exit(1)


@lab.command("shell")
@click.argument("name")
def shell(name: str) -> None:
    """Open a shell at the client of a scenario's lab, and say what is where."""
    (scenario,) = _chosen((name,), None, everything=False)
    _needs_a_lab()
    with Sandbox() as sandbox:
        view = sandbox.build(scenario.stage)
        start_services(sandbox, scenario, view, SERVICES)
        for line in _whereabouts(scenario, view):
            click.echo(line)
        program = environment().get("SHELL", "/bin/sh")
        # Whoever called us by a path finds us by our name in there.
        found = f'PATH="{Path(sys.executable).parent}:$PATH"; export PATH; exec "$0"'
        sandbox.run(["sh", "-c", found, program], timeout_s=_WEEK_S, terminal=True)


@lab.command("record")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("lab-recording.jsonl.zst"),
    show_default=True,
    help="The file to write.",
)
@click.option(
    "--parallel", type=click.IntRange(1, 16), default=3, show_default=True, help="How many networks at once."
)
@click.option("--hours", default="", metavar="FROM-TO", help="Only these hours of the week, as 30-48.")
def record_week(out: Path, parallel: int, hours: str) -> None:
    """Record the scripted week, in which a country is cut off step by step, with the real probe and a shifted clock.

    Interrupt it at any time, and run it again to go on: what is finished is kept beside the file until all is.

    Every verdict is held against the script. Ends with status 1 where one departs from it.
    """
    span = span_of(hours, WEEK)
    check_folder(out)
    _needs_a_lab()
    with steps_beside(out, WEEK, span) as steps:
        documents = recorded(WEEK, span, steps, parallel=parallel, services=SERVICES)
        size = written(out, documents)
        steps.discard()
    before = f", {steps.documents_before} of them from before" if steps.documents_before else ""
    click.echo(f"{len(documents)} measurements in {out}, {size / 1e6:.1f} MB{before}")
    if not checked(WEEK, documents, LabJudge().verdicts):
        click.get_current_context().exit(1)


def scenarios() -> tuple[Scenario, ...]:
    """Every scenario of every method that has some, by the methods' names and in their own order."""
    found: list[Scenario] = []
    for folder in sorted(pkgutil.iter_modules(methods.__path__), key=lambda folder: folder.name):
        name = f"{methods.__name__}.{folder.name}.scenarios"
        if folder.ispkg and importlib.util.find_spec(name) is not None:
            found += importlib.import_module(name).SCENARIOS
    return tuple(found)


def _chosen(names: Sequence[str], method: str | None, *, everything: bool) -> list[Scenario]:
    there = scenarios()
    known = {scenario.name: scenario for scenario in there}
    for name in names:
        if name not in known:
            raise UserError(f"no scenario is called {name!r}; `lampwatch lab list` names them all")
    if not (names or method or everything):
        raise UserError("name a scenario, or say --all; `lampwatch lab list` names them all")
    if method and method not in {scenario.question.method for scenario in there}:
        raise UserError(f"no scenario is of a method {method!r}; `lampwatch lab list` names them all")
    wanted = {name for name in known if everything or known[name].question.method == method} | set(names)
    return [scenario for scenario in there if scenario.name in wanted]


def _needs_a_lab() -> None:
    if reason := available():
        raise UserError(f"no lab can be built on this machine: {reason}")


def probe_command(view: LabView, question: Measure) -> list[str]:
    """The command line of the real probe in a lab."""
    what = [question.input] if question.method == "web_connectivity" else [question.method, question.input]
    return [
        *_PROGRAM, "check", *(word for word in what if word), "--json", "--data", _DATA,
        "--control", view.control_url, "--ca-file", view.ca_file, "--resolver", f"{view.resolver}:53",
        "--resolver", f"{view.doh_url}@{view.resolver}", "--timeouts", f"{view.timeouts:g}",
        "--country", view.country, "--asn", f"{view.asn}",
    ]  # fmt: skip


def control_command(view: LabView, address: str, port: int) -> list[str]:
    """The command line of the control in a lab. All probes of a lab may ask as often as they like."""
    return [
        *_PROGRAM, "control", "--data", _DATA, "--host", address, "--port", f"{port}", "--ca-file", view.ca_file,
        "--resolver", f"{CONTROL_RESOLVER}:53", "--rate", "100000",
    ]  # fmt: skip


SERVICES: Final = Services(control=control_command)


class LabJudge:
    """Reads and judges what a probe measured in a lab, with the lab's own networks as reference data."""

    def __init__(self) -> None:
        found = by_test_name(discover())
        self._reader = Reader({name: method.extractor for name, method in found.items()})
        self._kernel = Kernel(found, References(networks=LabNetworks()))

    def verdicts(self, document: bytes) -> Sequence[Verdict]:
        """The verdicts on one document; none where it cannot be read. Raises AssertionError on a fault of judging."""
        read = self._reader.read(document)
        if isinstance(read, SetAside):
            return ()
        verdicts = self._kernel.verdicts(read)
        assert not isinstance(verdicts, str), verdicts  # noqa: S101  a bug of ours, to be seen at once
        return verdicts


def truth_text(scenario: Scenario) -> str:
    """A scenario's truth in a few words."""
    if not isinstance(scenario.truth, dict):
        return str(scenario.truth)
    return "; ".join(f"{target}: {truth}" for target, truth in scenario.truth.items())


def _show(console: Console, outcome: Outcome) -> None:
    said = "; ".join(
        " ".join(str(part) for part in (verdict.state, verdict.mechanism) if part)
        for verdict in outcome.verdicts
    )
    mark = "✓" if outcome.right else "✗"
    console.print(
        f"{mark} {outcome.scenario.name:34} {truth_text(outcome.scenario):36} {said:36} {outcome.seconds:5.1f} s",
        soft_wrap=True, markup=False,
    )  # fmt: skip
    for mistake in outcome.mistakes:
        console.print(f"    {mistake}", soft_wrap=True, markup=False)


def outcome_row(outcome: Outcome) -> dict[str, Any]:
    """One run as it is printed in JSON."""
    return {
        "scenario": outcome.scenario.name,
        "truth": truth_text(outcome.scenario),
        "verdicts": [
            {
                "target": verdict.target,
                "state": verdict.state,
                "layer": verdict.layer,
                "mechanism": verdict.mechanism,
                "rule_id": verdict.rule_id,
            }
            for verdict in outcome.verdicts
        ],
        "right": outcome.right,
        "mistakes": list(outcome.mistakes),
        "fired": list(outcome.fired),
        "seconds": round(outcome.seconds, 3),
    }


def _whereabouts(scenario: Scenario, view: LabView) -> list[str]:
    sites = [f"{site.name} ({', '.join(site.every_address())})" for site in scenario.world.sites]
    command = [word for word in probe_command(view, scenario.question) if word != "--json"]
    asking = shlex.join(command).replace(shlex.join(_PROGRAM), "lampwatch")
    return [
        f"{scenario.name}: {scenario.story}",
        f"  you are      {view.client_address}, {scenario.topology.hops} routers from the outside",
        f"  sites        {', '.join(sites)}",
        f"  services     {', '.join(scenario.world.services) or 'none'}",
        f"  resolvers    {view.provider_resolver} (the provider's, in /etc/resolv.conf), {view.resolver}",
        f"  encrypted    {view.doh_url}",
        f"  control      {view.control_url}",
        f"  authority    {view.ca_file}",
        f"  measure with {asking}",
        "Leave with exit; the lab goes with you.",
    ]
