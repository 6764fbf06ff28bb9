"""Throttling: a body under the target's name and under a scrambled one, from the same address, in turn. Facts only."""

from typing import Any, Final

import msgspec

from lampwatch.formats.names import is_address
from lampwatch.methods.throttle.download import Download, download
from lampwatch.model.errors import UserError
from lampwatch.probe.decoy import scrambled
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import BROWSER, Request
from lampwatch.probe.kit import Kit
from lampwatch.probe.step import perform
from lampwatch.probe.url import Url, asked_url
from lampwatch.probe.visit import addresses_of, connected

TEST_NAME: Final = "throttle"
TEST_VERSION: Final = "0.1.0"

PAIRS: Final = 4
BYTES: Final = 262_144
"""Of each run. A line held down to 128 kbit/s carries them in 16 seconds."""
_TRIAL_BYTES: Final = 16_384
_PATIENCE: Final = 2.0
"""How many times longer than a page a run may take."""
_FOUND: Final = frozenset({200, 206})
_GIVE_UP: Final = 2
"""After so many runs of the target without a byte there is no speed to measure."""
TARGET: Final = "target"
CONTROL: Final = "control"
TRIAL: Final = "trial"


class _Place(msgspec.Struct, frozen=True):
    """What is asked, and of which address."""

    url: Url
    ip: str


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Download the beginning of the body at an https URL, in turn under its name and under another.

    The other name stands only in the ClientHello: address, request and bytes are the same. Returns the events of all
    connections and `runs`, as README.md tells. Raises UserError where target is no https URL with a name.
    """
    url = asked_url(target)
    if url.scheme != "https" or is_address(url.hostname):
        raise UserError(
            f"{target!r} has no name for TLS; throttle needs an https URL of a large body, as https://example.org/big"
        )
    runs: list[dict[str, Any]] = []
    found = await connected(kit, await addresses_of(kit, url.hostname), url.port, "reach")
    if not isinstance(found, Failed):
        found.close()
        ip = found.stream.address.rpartition(":")[0].strip("[]")
        place = _Place(url, ip)
        decoy = await _decoy(kit, place, runs)
        if decoy is not None:
            await _pairs(kit, place, decoy, runs)
    return {**kit.record.test_keys(), "runs": runs}


async def _decoy(kit: Kit, place: _Place, runs: list[dict[str, Any]]) -> str | None:
    """A name under which the same server gives the body too: a scrambled one, or none at all. None where neither."""
    for name in (scrambled(place.url.hostname, kit.random), ""):
        trial = await _run(kit, place, name, TRIAL, most=_TRIAL_BYTES)
        runs.append(trial)
        if trial["status"] in _FOUND and trial["bytes"]:
            return name
    return None


async def _pairs(kit: Kit, place: _Place, decoy: str, runs: list[dict[str, Any]]) -> None:
    """Both sides in random order, pair by pair: what changes on the line meanwhile meets both alike."""
    for pair in range(PAIRS):
        sides = [(TARGET, place.url.hostname), (CONTROL, decoy)]
        kit.random.shuffle(sides)
        runs += [{**await _run(kit, place, name, side), "pair": pair} for side, name in sides]
        empty = [run for run in runs if run["side"] == TARGET and not run["bytes"]]
        if len(empty) >= _GIVE_UP:
            return


async def _run(kit: Kit, place: _Place, name: str, side: str, *, most: int = BYTES) -> dict[str, Any]:
    mark = kit.record.mark(side)
    t0 = kit.record.now()
    found = await _downloaded(kit, place, name, side, most)
    return {
        "side": side,
        "server_name": name,
        "address": f"{place.ip}:{place.url.port}",
        "status": found.status,
        "failure": failure_text(found.failed),
        "bytes": found.size,
        "seconds": found.seconds,
        "samples": found.samples,
        **kit.record.times(t0, mark),
    }


async def _downloaded(kit: Kit, place: _Place, name: str, side: str, most: int) -> Download:
    connection = await kit.connect(place.ip, place.url.port, kit.record.mark(side))
    if isinstance(connection, Failed):
        return Download(failed=connection)
    try:
        # The certificate is for the target: under another name it cannot be verified, and both are treated alike.
        shaken = await kit.handshake(connection, name, alpn=("http/1.1",), verify=False)
        if isinstance(shaken, Failed):
            return Download(failed=shaken)
        asked = Request(
            scheme="https",
            host=place.url.host,
            path=place.url.path,
            headers=(*BROWSER, ("Accept-Encoding", "identity"), ("Range", f"bytes=0-{most - 1}")),
        )
        step = download(asked, most, kit.clock.monotonic)
        patience_s = kit.timeouts.fetch_s * _PATIENCE
        return await perform(step, shaken.stream, clock=kit.clock, timeout_s=patience_s)
    finally:
        connection.close()
