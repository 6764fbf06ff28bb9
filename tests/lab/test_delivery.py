"""Probe, collector and link, each ended at any moment of a run: whatever was measured arrives exactly once."""

import json
import signal
from collections import Counter
from pathlib import Path

import pytest

from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.world import Site, World
from lampwatch.methods.connectivity.scenarios import SCENARIOS
from tests.cli.running import ended, rows, said, serving, written
from tests.cli.test_serve_collecting import archived
from tests.lab.outage import Outage
from tests.probe.spooling import spool_at

NAMES = tuple(f"site{n}.test" for n in range(400))
WORLD = World(sites=(Site(NAMES[0], ("93.184.216.60",), aliases=NAMES[1:]),))
"""More than any run of these tests measures: so none is measured twice."""


@pytest.fixture
def outage(sandbox: Sandbox, tmp_path: Path) -> Outage:
    """A lab with a list of web sites, of which a probe measures one after the other."""
    lines = [b"url,category_code,category_description,date_added,source,notes"]
    lines += [f"https://{name}/,NEWS,News Media,2026-11-23,lab,".encode() for name in NAMES]
    made = Outage(sandbox, WORLD, tmp_path)
    said("lists", "update", "--from", written(tmp_path / "global.csv", lines), "--data", made.own)
    return made


def arrived(data: Path) -> Counter[str]:
    """What the measurements in a collector's archive are about."""
    documents = [json.loads(line) for line in archived(data)]
    return Counter(f"{each['test_name']} {each['input'] or ''}".strip() for each in documents)


def settled(data: Path) -> None:
    """Let a collector that was killed make good what it had not finished."""
    with serving("serve", "--data", data, "--port", 0) as (program, _):
        program.send_signal(signal.SIGTERM)
        ended(program)


def test_whatever_is_killed_at_any_moment_each_measurement_arrives_exactly_once(outage: Outage) -> None:
    web = ("--once", "--method", "web_connectivity", "--control", outage.view.control_url)
    with outage.probing(*web) as first:
        first.until_measured(5)
    with outage.probing(*web) as second:
        # What waits is sent at once, in batches that grow: the collector is killed while they follow each other.
        second.until(" sent, ")
        outage.kill_collector()
        second.until_measured(4)
        outage.start_collector()
        second.until_measured(2)
        outage.link(up=False)
    with outage.probing(*web) as third:
        in_the_dark = third.until_measured(4)
        assert not set(in_the_dark) & set(arrived(outage.collected))
        outage.link(up=True)
        third.until(" sent, ")
        outage.kill_collector()
    outage.start_collector()
    with outage.probing(*web, "--limit", "3") as last:
        assert ", 0 wait in the spool" in last.ended()
    outage.kill_collector()
    settled(outage.collected)
    measured = [about for told in (first, second, third, last) for about in told.measured]
    found = arrived(outage.collected)
    assert found.keys() >= set(measured)
    # What was under way when the probe was killed may be in the spool without a word; it is not measured anew.
    assert set(found.values()) == {1}
    documents = archived(outage.collected)
    assert len({row["measurement_uid"] for row in rows(outage.collected)}) == len(documents)
    with spool_at(outage.own / "probe") as spool:
        assert (spool.waiting().documents, spool.waiting().dropped_untold, spool.refusals()) == (0, 0, [])


def test_a_probe_cut_off_from_everything_soon_asks_what_is_left_and_tells_later(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    online = next(scenario for scenario in SCENARIOS if scenario.name == "online")
    outage = Outage(sandbox, online.world, tmp_path)
    # Ten minutes ago all was well, so that the next time were in five minutes or so.
    with outage.probing("--once", "--method", "connectivity", "--clock-shift", "-600") as well:
        well.ended()
    outage.link(up=False)
    services = [word for name in ("telegram", "whatsapp", "signal") for word in ("--method", name)]
    with outage.probing("--method", "connectivity", *services, "--limit", "4") as cut_off:
        assert cut_off.until_measured(1) == ["connectivity"]
        outage.link(up=True)
        cut_off.ended()
    outage.kill_collector()
    settled(outage.collected)
    judged = sorted(
        (row["measurement_start_time"], row["rule_id"])
        for row in rows(outage.collected)
        if row["test_name"] == "connectivity"
    )
    assert [rule for _, rule in judged] == ["connectivity.online", "connectivity.everything_gone"]
