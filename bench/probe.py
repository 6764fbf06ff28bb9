"""How fast and how lightly the probe measures: `python -m bench probe [--sites N] [--delays MS,MS] [--parallel N]`.

In a lab of its own, for each emulated delay: web_connectivity over all sites by `lampwatch probe`, beside a plain httpx
loop and aiohttp that fetch the same URLs. Prints targets a minute, CPU seconds and peak memory of each program, and
whether the verdicts at 1 and at so many in parallel are the same, some of the sites being blocked. Needs what
`lampwatch lab` needs.
"""

import argparse
import datetime as dt
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from lampwatch.cli.lab import SERVICES, LabJudge
from lampwatch.cli.probe import FOLDER
from lampwatch.lab.block import Block, Drop, Forge, Host, Name, Reset, Sni
from lampwatch.lab.run import start_services
from lampwatch.lab.sandbox import Sandbox, available
from lampwatch.lab.scenario import Scenario, Topology
from lampwatch.lab.truth import Truth
from lampwatch.lab.view import LabView
from lampwatch.lab.wire import Ran
from lampwatch.lab.world import Page, Site, World
from lampwatch.model.vocabulary import State
from lampwatch.probe.spool import Spool

BENCH = Path(__file__).resolve().parent
MOST_S = 3600.0
PAGE_BYTES = 20_000
ON_ONE_ADDRESS = 10
# Of every hundred sites one of each kind is blocked.
CENSORS = {
    7: lambda name: Block(Sni(name, reassembled=True), Reset(both=True)),
    27: lambda name: Block(Name(name), Forge(rcode="NXDOMAIN")),
    48: lambda name: Block(Host(name, reassembled=True), Reset(both=True)),
    67: lambda name: Block(Sni(name, reassembled=True), Drop()),
}
# Runs a program, and prints what it used. The kernel counts children only when they have ended.
WEIGHED = """
import json, resource, subprocess, sys, time
began = time.monotonic()
status = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
told = {"status": status, "seconds": time.monotonic() - began, "cpu_s": used.ru_utime + used.ru_stime}
open(sys.argv[1], "w").write(json.dumps({**told, "peak_kb": used.ru_maxrss}))
"""


class Weight(msgspec.Struct, frozen=True):
    """What one program took for so many targets."""

    targets: int
    seconds: float
    cpu_s: float
    peak_kb: int
    status: int = 0

    def row(self, name: str) -> str:
        """One line of the table."""
        thousand = 1000 / self.targets
        return (
            f"{name:34} {self.targets:6} {self.targets / self.seconds * 60:12,.0f} {self.seconds * thousand:12.1f} "
            f"{self.cpu_s * thousand:12.1f} {self.peak_kb / 1024:9.0f}"
        )


def sites(count: int) -> tuple[Site, ...]:
    """So many sites, ten on an address, each of a registered domain of its own."""
    return tuple(
        Site(
            f"site{n}.test",
            (f"93.184.{216 + n // 2000}.{n // ON_ONE_ADDRESS % 200 + 1}",),
            pages={"/": page(n)},
        )
        for n in range(count)
    )


def page(number: int) -> Page:
    """A page that no other site has."""
    return Page(title=f"The page of site{number}", size=PAGE_BYTES)


def url(number: int) -> str:
    """Half of the sites are listed without TLS."""
    return f"{'https' if number % 2 else 'http'}://site{number}.test/"


def stage(count: int, delay_ms: float, *, censored: bool) -> Scenario:
    """The lab of one run."""
    censor = (
        [CENSORS[n % 100](f"site{n}.test") for n in range(count) if n % 100 in CENSORS] if censored else []
    )
    return Scenario(
        name="bench",
        story="Many sites, for timing.",
        truth=Truth(State.OK),
        measure=url(1),
        censor=tuple(censor),
        topology=Topology(hops=1, delay_ms=delay_ms),
        world=World(sites=sites(count)),
    )


def weighed(sandbox: Sandbox, work: Path, argv: Sequence[str], targets: int) -> Weight:
    """Run a program at the lab's client, and say what it took."""
    told = work / "weight.json"
    ran: Ran = sandbox.run([sys.executable, "-c", WEIGHED, str(told), *argv], timeout_s=MOST_S)
    if not told.exists():
        sys.exit(f"the program could not be run: {ran.stderr.decode(errors='replace')[-500:]}")
    weight = msgspec.convert({**json.loads(told.read_bytes()), "targets": targets}, Weight)
    if weight.status:
        sys.exit(f"{argv[0]} ended with status {weight.status}: {ran.stderr.decode(errors='replace')[-500:]}")
    return weight


def probe_command(view: LabView, data: Path, parallel: int) -> list[str]:
    """The real probe, over the list that was put into its data directory."""
    return [
        sys.executable, "-m", "lampwatch", "probe", "--data", str(data), "--once", "--yes", "--parallel", str(parallel),
        "--method", "web_connectivity", "--country", view.country, "--asn", str(view.asn), "--budget", "100000",
        "--budget", "10GB", "--control", view.control_url, "--ca-file", view.ca_file,
        "--resolver", f"{view.resolver}:53", "--resolver", f"{view.doh_url}@{view.resolver}",
    ]  # fmt: skip


def with_list(data: Path, numbers: Sequence[int]) -> Path:
    """A data directory whose test list of country XA has these sites."""
    rows = "".join(f"{url(n)},NEWS,News Media,2026-01-01,bench,\n" for n in numbers)
    text = f"url,category_code,category_description,date_added,source,notes\n{rows}"
    given = data / "xa.csv"
    data.mkdir(parents=True)
    given.write_text(text, encoding="utf-8")
    from lampwatch.cli import main as lampwatch  # noqa: PLC0415  the command line, used as its users do

    try:
        lampwatch(["lists", "update", "--data", str(data), "--from", str(given), "XA"])
    except SystemExit as end:
        if end.code:
            raise
    return data


def verdicts(data: Path) -> dict[str, str]:
    """What was measured in a data directory, judged: the rule that decided, by input."""
    judge = LabJudge()
    spool = Spool(data / FOLDER, clock=_Now(), tell=print, cap_bytes=2**40)
    with spool:
        documents = [one.content for one in spool.batch(documents=10**6, content_bytes=2**40)]
    return {
        json.loads(document)["input"]: " ".join(f"{v.state} {v.rule_id}" for v in judge.verdicts(document))
        for document in documents
    }


class _Now:
    def monotonic(self) -> float:
        return 0.0

    def utc(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC).replace(tzinfo=None)

    async def sleep(self, seconds: float) -> None:
        del seconds


def compare_speed(count: int, delay_ms: float, parallel: int, work: Path) -> None:
    """One table: the probe beside two plain clients."""
    scenario = stage(count, delay_ms, censored=False)
    with Sandbox() as sandbox:
        view = sandbox.build(scenario.stage)
        start_services(sandbox, scenario, view, SERVICES)
        data = with_list(work / f"speed-{delay_ms:g}", range(count))
        urls = data / "urls.txt"
        urls.write_text("\n".join(url(n) for n in range(count)), encoding="utf-8")
        fetch = [sys.executable, str(BENCH / "_fetch.py"), view.ca_file, str(urls)]
        print(f"\n{delay_ms:g} ms of delay, {count} sites")
        print(f"{'':34} {'targets':>6} {'a minute':>12} {'s / 1000':>12} {'CPU s / 1000':>12} {'peak MB':>9}")
        few = min(count, 100)
        print(weighed(sandbox, work, [*fetch, "httpx", "1", str(few)], few).row("httpx, one after the other"))
        name = f"aiohttp, {parallel} in parallel"
        print(
            weighed(sandbox, work, [*fetch, "aiohttp", str(parallel), str(count)], count).row(name),
            flush=True,
        )
        weight = weighed(sandbox, work, probe_command(view, data, parallel), count)
        print(weight.row(f"lampwatch probe, {parallel} in parallel"))
        judged = list(verdicts(data).values())
        told = Counter(judged).most_common()
        print(f"{len(judged)} measured: " + ", ".join(f"{count} {rule}" for rule, count in told), flush=True)


def compare_results(count: int, parallel: int, work: Path) -> bool:
    """Whether one at a time and many at a time come to the same verdicts, of which some are blocked."""
    found = []
    for at_once in (1, parallel):
        scenario = stage(count, 20, censored=True)
        with Sandbox() as sandbox:
            view = sandbox.build(scenario.stage)
            start_services(sandbox, scenario, view, SERVICES)
            data = with_list(work / f"same-{at_once}", range(count))
            weighed(sandbox, work, [*probe_command(view, data, at_once), "--timeouts", "0.4"], count)
            found.append(verdicts(data))
    one, many = found
    differ = {
        given: (one.get(given), many.get(given))
        for given in {*one, *many}
        if one.get(given) != many.get(given)
    }
    blocked = sum(verdict.startswith("blocked") for verdict in one.values())
    print(
        f"\n{len(one)} verdicts at 1 and {len(many)} at {parallel} in parallel, {blocked} blocked: {len(differ)} differ"
    )
    for given, (alone, together) in sorted(differ.items()):
        print(f"  {given}: {alone} | {together}")
    return not differ


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=1000)
    parser.add_argument("--delays", default="4,80", help="round trip times to emulate, in milliseconds")
    parser.add_argument("--parallel", type=int, default=50)
    parser.add_argument("--same", type=int, default=100, help="sites whose verdicts are compared; 0 for none")
    args = parser.parse_args()
    if reason := available():
        print(f"no lab can be built on this machine: {reason}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for delay in filter(None, args.delays.split(",")):
            compare_speed(args.sites, float(delay), args.parallel, Path(folder))
        same = compare_results(args.same, args.parallel, Path(folder)) if args.same else True
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
