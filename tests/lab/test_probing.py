"""The active prober on real packets: some of an outside of /24s goes dark, and comes back."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from lampwatch.lab.block import Address, Block, Drop, Everything, Unreachable
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Stage, Topology
from lampwatch.lab.world import World
from lampwatch.store.series import SeriesStore
from tests.lab.probing import prober

# Addresses for benchmarks (RFC 2544), which mean nothing outside of this lab.
DARK, REFUSED, WELL, SPARSE = ("198.18.1.0/24", "198.18.2.0/24", "198.18.3.0/24", "198.18.4.0/24")
ANSWERING = (DARK, REFUSED, WELL, "198.18.4.0/27")
CONTROL = "198.19.0.1"
DARKNESS, REFUSAL, CONTROL_GONE, ALL_GONE = range(4)
CENSOR = (
    Block(Address(DARK), Drop(), hop=2),
    Block(Address(REFUSED), Unreachable(), hop=2),
    Block(Address(CONTROL), Drop(), hop=1),
    Block(Everything(), Drop(), hop=1),
)
LIST = f"""\
block,addresses,availability,asn,country,region
{DARK},1-254,0.9,64601,XA,XA-N
{REFUSED},1-254,0.9,64601,XA,XA-N
{WELL},1-254,0.9,64602,XA,XA-S
{SPARSE},0-127,0.25,64602,XA,XA-S
198.18.5.0/24,1-9,0.9,64602,XA,XA-S
"""


@pytest.fixture
def dark(sandbox: Sandbox) -> Sandbox:
    """A lab with all of it in place and nothing wrong yet."""
    world = World(answering=(*ANSWERING, f"{CONTROL}/32"))
    sandbox.build(Stage(Topology(hops=3), world, CENSOR))
    for number in range(len(CENSOR)):
        sandbox.switch(number, on=False)
    return sandbox


def written(folder: Path) -> Path:
    listed = folder / "blocks.csv"
    listed.write_text(LIST, encoding="ascii")
    return listed


def test_blocks_that_go_dark_are_down_within_two_rounds_and_up_again_and_our_own_failure_is_a_gap(
    dark: Sandbox, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with prober(dark, written(tmp_path), data, ["--control", CONTROL]) as rounds:
        rounds.until(most=6, gap="", counts={"up": 4, "down": 0, "uncertain": 0, "unknown": 0})
        dark.switch(DARKNESS, on=True)
        dark.switch(REFUSAL, on=True)
        # The round under way may have asked the blocks already: two whole ones must do.
        fell = rounds.until(most=3, gap="", counts={"up": 2, "down": 2, "uncertain": 0, "unknown": 0})
        assert sorted(name for told in fell for name in told["went_down"]) == [DARK, REFUSED]
        dark.switch(DARKNESS, on=False)
        rose = rounds.until(most=3, counts={"up": 3, "down": 1, "uncertain": 0, "unknown": 0})
        assert [name for told in rose for name in told["came_back"]] == [DARK]
        for gone in (CONTROL_GONE, ALL_GONE):
            dark.switch(gone, on=True)
            gaps = rounds.until(most=3, probes=0)
            assert "own network" in gaps[-1]["gap"]
            assert gaps[-1]["counts"] == {"up": 3, "down": 1, "uncertain": 0, "unknown": 0}
            dark.switch(gone, on=False)
            rounds.until(most=3, gap="")
        dark.switch(REFUSAL, on=False)
        rounds.until(most=3, counts={"up": 4, "down": 0, "uncertain": 0, "unknown": 0})
    store = SeriesStore(data / "series", clock=lambda: dt.datetime(2026, 1, 1))  # noqa: DTZ001  as everywhere
    found = {one.series.id: one for one in store.values()}
    country = found["XA:lampwatch:slash24s-up"]
    assert set(rounds.starts) <= set(country.starts.tolist())
    assert {2.0, 3.0, 4.0} <= set(country.values[~np.isnan(country.values)]) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    # Where our own network failed there is no value; nowhere does it look as if all were down.
    known = ~np.isnan(found["XA:lampwatch:slash24s-measured"].values)
    assert (~known).sum() >= 2
    assert np.isnan(country.values[~known]).all()
    assert set(found["XA-N:lampwatch:slash24s-up"].values[known]) == {0.0, 1.0, 2.0}
    assert 0.0 not in found["AS64602:lampwatch:slash24s-up"].values
    assert all(dark.fired())


def test_a_prober_that_is_killed_goes_on_from_what_it_knew(dark: Sandbox, tmp_path: Path) -> None:
    data, listed = tmp_path / "data", written(tmp_path)
    dark.switch(DARKNESS, on=True)
    with prober(dark, listed, data, ["--control", CONTROL]) as rounds:
        rounds.until(most=6, counts={"up": 3, "down": 1, "uncertain": 0, "unknown": 0})
    dark.switch(DARKNESS, on=False)
    with prober(dark, listed, data, ["--control", CONTROL]) as rounds:
        assert rounds.until(most=3, counts={"up": 4, "down": 0, "uncertain": 0, "unknown": 0})[-1][
            "came_back"
        ] == [DARK]


def test_by_tcp_a_refusal_is_an_answer_and_silence_is_none(dark: Sandbox, tmp_path: Path) -> None:
    by_tcp = ["--control", CONTROL, "--method", "tcp", "--port", "9"]
    with prober(dark, written(tmp_path), tmp_path / "data", by_tcp) as rounds:
        rounds.until(most=6, counts={"up": 4, "down": 0, "uncertain": 0, "unknown": 0})
        dark.switch(DARKNESS, on=True)
        dark.switch(REFUSAL, on=True)
        rounds.until(most=3, counts={"up": 2, "down": 2, "uncertain": 0, "unknown": 0})
