import datetime as dt
import gzip
import json
import math
import re
import signal
import subprocess
from pathlib import Path

import pytest
from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]  # netaddr ships no types

from lampwatch.store.series import SeriesStore
from tests.cli.running import LONG_S, ended, lampwatch, said, started
from tests.formats.mrt import writer
from tests.formats.mrt.writer import T0
from tests.signals.bgp.archive_server import archive
from tests.signals.bgp.ris_server import ris_live
from tests.signals.bgp.world import BIN, KAZAKH, PEERS, A, announced, dump, heartbeat, withdrawn

KZ_SPACE = "KZ:bgp:slash24s"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with address data in force: 10/8 lies in Kazakhstan, 11/8 in Russia."""
    made = MMDBWriter(6, "country ipvAll", ipv4_compatible=True)
    made.insert_network(IPSet(["10.0.0.0/8"]), {"country_code": "KZ"})
    made.insert_network(IPSet(["11.0.0.0/8", "2001:db8::/32"]), {"country_code": "RU"})
    made.to_db_file(str(tmp_path / "country.mmdb"))
    directory = tmp_path / "data"
    nowhere = "http://127.0.0.1:1"
    said(
        "geoip", "update", "--data", directory, "--country", tmp_path / "country.mmdb", "--registry", nowhere
    )
    return directory


def stored(data: Path) -> dict[str, list[tuple[int, float | None]]]:
    """Every series as bins after T0, with None for gaps."""
    store = SeriesStore(data / "series", clock=lambda: dt.datetime(2024, 1, 2))  # noqa: DTZ001  UTC without a zone
    return {
        one.series.id: [
            ((int(start) - T0) // BIN, None if math.isnan(value) else float(value))
            for start, value in zip(one.starts, one.values, strict=True)
        ]
        for one in store.values()
    }


def files(folder: Path, **contents: bytes) -> list[Path]:
    found = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        found.append(folder / name)
    return found


def blackout() -> dict[str, bytes]:
    """A table, and updates in which a country's space goes away at minute 12 and comes back at minute 23."""
    first = b"".join(heartbeat(T0 + second) for second in (5, BIN + 5)) + withdrawn(T0 + 12 * 60)
    then = (
        heartbeat(T0 + 3 * BIN + 5)
        + announced(T0 + 23 * 60)
        + heartbeat(T0 + 5 * BIN)
        + heartbeat(T0 + 6 * BIN)
    )
    return {"table": gzip.compress(dump()), "first": first, "then": gzip.compress(then)}


def test_a_country_that_is_withdrawn_loses_its_space_in_the_bin_in_which_it_was(
    data: Path, tmp_path: Path
) -> None:
    # Given in any order.
    out = said("series", "bgp", "--data", data, *reversed(files(tmp_path, **blackout())))
    found = stored(data)
    assert found[KZ_SPACE] == [(0, 384), (1, 384), (2, 0), (3, 0), (4, 384), (5, 384)]
    assert found["AS9198@KZ:bgp:prefixes-v4"] == [(0, 2), (1, 2), (2, 0), (3, 0), (4, 2), (5, 2)]
    assert [value for _, value in found["RU:bgp:slash24s"]] == [1024] * 6
    assert [value for _, value in found["RU:bgp:slash48s"]] == [65536] * 6
    assert out.startswith("6 bins from 3 files, 0 of them gaps;")


def test_running_again_adds_only_what_is_new(data: Path, tmp_path: Path) -> None:
    table, first, then = files(tmp_path, **blackout())
    said("series", "bgp", "--data", data, table, first)
    out = said("series", "bgp", "--data", data, table, first, then)
    assert " 0 revised" in out
    assert stored(data)[KZ_SPACE] == [(0, 384), (1, 384), (2, 0), (3, 0), (4, 384), (5, 384)]
    assert "; 0 values are new" in said("series", "bgp", "--data", data, table, first, then)


def test_a_country_and_a_time_can_be_asked_for(data: Path, tmp_path: Path) -> None:
    times = ("--since", "2024-01-01T00:10", "--until", "2024-01-01T00:20")
    said("series", "bgp", "--data", data, *files(tmp_path, **blackout()), "--country", "kaz", *times)
    assert stored(data) == {
        f"{entity}:bgp:{signal}": [(2, 0), (3, 0)]
        for entity in ("KZ", "AS9198@KZ")
        for signal in ("prefixes-v4", "slash24s")
    }


def test_without_address_data_networks_are_told_and_a_country_cannot_be(tmp_path: Path) -> None:
    given = files(tmp_path, **blackout())
    said("series", "bgp", "--data", tmp_path / "data", *given)
    assert {name.split(":")[0] for name in stored(tmp_path / "data")} == {"AS9198", "AS3216"}
    result = lampwatch("series", "bgp", "--data", tmp_path / "data", *given, "--country", "KZ")
    assert result.exit_code == 2
    assert "run `lampwatch geoip update`" in result.stderr


def test_what_is_malformed_is_told_a_line_each(data: Path, tmp_path: Path) -> None:
    bad = bytearray(heartbeat(T0 + 6))
    bad[-3] = 99
    first = heartbeat(T0 + 5) + bytes(bad) + writer.record(T0 + 7, 11, 0, b"") + heartbeat(T0 + BIN) + b"cut"
    result = lampwatch("series", "bgp", "--data", data, *files(tmp_path, table=dump(), first=first))
    assert result.exit_code == 0
    why = "BGP4MP is malformed: a prefix is longer than its family allows, or than its list"
    assert result.stderr.splitlines() == [
        f"note: {tmp_path}/first: record 2 at byte {len(heartbeat(T0))}: {why}, and 1 places more",
        "note: 1 of 12 records are malformed and left out",
        "note: 1 records of OSPFv2, subtype 0 say nothing that is counted",
    ]
    assert stored(data)[KZ_SPACE] == [(0, 384)]


def test_updates_without_a_table_are_told_to_need_one(data: Path, tmp_path: Path) -> None:
    result = lampwatch(
        "series", "bgp", "--data", data, *files(tmp_path, u=heartbeat(T0) + heartbeat(T0 + BIN))
    )
    assert result.exit_code == 0
    assert "note: no table dump came before the updates" in result.stderr
    assert stored(data) == {}


def test_addresses_are_fetched_and_kept(data: Path) -> None:
    with archive() as served:
        content = blackout()
        served.files = {
            "/rrc00/2024.01/bview.20240101.0000.gz": content["table"],
            "/rrc00/2024.01/updates.20240101.0000.gz": content["first"],
            "/rrc00/2024.01/updates.20240101.0015.gz": content["then"],
        }
        addresses = [
            served.base + path for path in [*served.files, "/rrc00/2024.01/updates.20240101.0010.gz"]
        ]
        result = lampwatch("series", "bgp", "--data", data, *addresses)
        assert result.exit_code == 0, result.output
        asked = len(served.asked)
        said("series", "bgp", "--data", data, *addresses)
    # Only what the archive does not have is asked for again.
    assert len(served.asked) == asked + 1 == 5
    assert "note: 1 files are not in the archive" in result.stderr
    assert [value for _, value in stored(data)[KZ_SPACE]] == [384, 384, 0, 0, 384, 384]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "name FILES or URLs, or --collector with --since and --until"),
        (("nowhere.gz",), "nowhere.gz is no file; name MRT files, or their https:// addresses"),
        (("http://192.0.2.1/x.gz",), "use https"),
        (("https://[x.gz",), "https://[x.gz is no address"),
        (("--live",), "--live needs to know whose peers to hear"),
        (("--since", "2024-01-02", "--until", "2024-01-01"), "--until is not after --since"),
        (("--collector", "x", "--since", "2024-01-01", "--until", "2024-01-02"), "x is no collector"),
        (("--collector", "RRC 00", "x.gz"), "RRC 00 is no collector"),
        (("--country", "Atlantis"), "'Atlantis' is no country"),
    ],
)
def test_mistakes_are_told_in_a_line(tmp_path: Path, arguments: tuple[str, ...], line: str) -> None:
    result = lampwatch("series", "bgp", "--data", tmp_path, *arguments)
    assert result.exit_code == 2
    assert line in result.stderr
    assert result.stderr.count("\n") == 1


def live(time: float, **route: object) -> list[bytes]:
    """What all peers say at a time."""
    return [
        json.dumps(
            {
                "type": "ris_message",
                "data": {
                    "timestamp": time,
                    "peer": address,
                    "peer_asn": str(asn),
                    "host": "rrc00.ripe.net",
                    "type": "UPDATE",
                    **route,
                },
            }
        ).encode()
        for asn, address in PEERS
    ]


def wait_for_bins(program: "subprocess.Popen[bytes]", data: Path, name: str, count: int) -> None:
    for _ in range(LONG_S * 100):
        if len(stored(data).get(name, [])) >= count:
            return
        try:
            program.wait(timeout=0.01)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(program.communicate())
    raise AssertionError(stored(data))


def test_live_goes_on_from_the_files_and_an_interrupt_keeps_what_was_done(data: Path, tmp_path: Path) -> None:
    table = files(tmp_path, table=dump(), updates=heartbeat(T0 + 5) + heartbeat(T0 + BIN + 1))
    quiet = {"path": [1, 3216], "announcements": [{"next_hop": A[1], "prefixes": ["11.0.0.0/16"]}]}
    first = [
        b"{",
        *live(T0 + 2 * BIN, **quiet),
        *live(T0 + 3 * BIN, withdrawals=KAZAKH),
        *live(T0 + 4 * BIN, **quiet),
    ]
    with ris_live(first, silent=True) as server:
        options = ("--live", "--live-url", server.address, "--collector", "rrc00", "--country", "KZ")
        program = started("series", "bgp", "--data", data, *table, *options)
        wait_for_bins(program, data, "KZ:rrc00:slash24s", 4)
        program.send_signal(signal.SIGINT)
        status, out, err = ended(program)
    # The files end before the link is up: what was said between is not known.
    assert stored(data)["KZ:rrc00:slash24s"] == [(0, 384), (1, None), (2, 384), (3, 0)]
    assert status == 130
    assert out.startswith("4 bins from 2 files, 1 of them gaps;")
    # The last bin closes with the eighth message; whether the two after it were heard before the interrupt is open.
    assert re.search(r"note: RIS Live: (8|9|10) messages, 1 malformed; the link broke 0 times", err)
