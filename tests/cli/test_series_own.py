"""`lampwatch series own`, and services asked from the command line."""

import datetime as dt
import json
import signal
from pathlib import Path
from typing import Any

from lampwatch.cli.settings import RADAR_TOKEN
from tests.cli.running import ended, example_lines, lampwatch, said, serving, written
from tests.signals.replaying import Asked, Reply, as_json, replaying

LONG = 3650


def test_own_series_are_made_once_and_then_shown(tmp_path: Path) -> None:
    data = tmp_path / "data"
    said("ingest", written(tmp_path / "set.jsonl", example_lines()), "--data", data)
    first = said("series", "own", "--data", data, "--days", LONG)
    assert " 0 revised, 0 same" in first
    assert " 0 new, 0 revised, " in said("series", "own", "--data", data, "--days", LONG)
    listed = [json.loads(line) for line in said("series", "list", "--data", data, "--json").splitlines()]
    assert {"lampwatch"} == {one["source"] for one in listed}
    assert {"measurements", "networks", "reports"} <= {one["signal"] for one in listed}


def test_days_in_which_nothing_was_measured_make_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    said("ingest", written(tmp_path / "set.jsonl", example_lines()), "--data", data)
    assert "nothing was measured in that time" in said("series", "own", "--data", data, "--days", 1)


def test_where_nothing_was_ever_taken_in_it_says_so(tmp_path: Path) -> None:
    result = lampwatch("series", "own", "--data", tmp_path / "data")
    assert result.exit_code == 2
    assert "run `lampwatch ingest PATH` first" in result.stderr


def measured_yesterday() -> list[bytes]:
    document = json.loads(example_lines()[0])
    yesterday = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    return [json.dumps(document | {"measurement_start_time": f"{yesterday:%Y-%m-%d %H:%M:%S}"}).encode()]


def test_a_server_makes_them_by_itself(tmp_path: Path) -> None:
    data = tmp_path / "data"
    said("ingest", written(tmp_path / "set.jsonl", measured_yesterday()), "--data", data)
    with serving("serve", "--data", data, "--port", 0) as (program, _):
        program.send_signal(signal.SIGTERM)
        assert ended(program)[::2] == (0, "")
    assert ":lampwatch:measurements" in said("series", "list", "--data", data)


def signals(asked: Asked) -> Reply:
    begins, ends = int(asked.query["from"]), int(asked.query["until"])
    values = [1000] * ((ends - begins) // 600)
    one = {"entityType": "country", "entityCode": "KZ", "entityName": "Kazakhstan", "datasource": "bgp",
           "subtype": "", "from": begins, "until": ends, "step": 600, "nativeStep": 600, "values": values}  # fmt: skip
    return as_json({"error": None, "data": [[one]]})


def test_a_service_is_asked_and_what_it_says_is_kept(tmp_path: Path) -> None:
    day = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=1):%Y-%m-%d}"
    with replaying(signals) as server:
        asked = ("series", "import", "--fetch", "ioda-api", "--address", server.url, "--country", "KZ",
                 "--signal", "bgp", "--since", day, "--data", tmp_path)  # fmt: skip
        assert "1 series" in said(*asked)
    assert "KZ:ioda:bgp" in said("series", "list", "--data", tmp_path)


def test_http_leaves_this_machine_only_where_it_is_allowed(tmp_path: Path) -> None:
    result = lampwatch(
        "series", "import", "--fetch", "prometheus-api", "--address", "http://192.0.2.1:9090", "--query", "up",
        "--data", tmp_path,
    )  # fmt: skip
    assert result.exit_code == 2
    assert "http can be read and changed on the way" in result.stderr


def test_a_token_that_can_be_none_is_told_and_not_shown(tmp_path: Path) -> None:
    arguments = ("series", "import", "--fetch", "cloudflare-radar-api", "--country", "KZ", "--data", tmp_path)
    environment: dict[str, Any] = {RADAR_TOKEN.envvar: "what nobody may see"}
    result = lampwatch(*arguments, **environment)
    assert result.exit_code == 2
    assert "nobody may see" not in result.output
    assert RADAR_TOKEN.envvar in lampwatch(*arguments).stderr
