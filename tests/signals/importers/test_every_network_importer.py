"""What every importer that asks a service bears and promises."""

import bz2
import json

import pytest

from lampwatch.model.errors import UserError
from lampwatch.signals.importing import Options, network_importers
from tests.signals.replaying import NOON, Reply, replaying, web

NAMES = sorted(network_importers())
DAY = 86_400
DEEP = b"[" * 2000 + b"]" * 2000
JSON = [
    None,
    [],
    {},
    {"data": [[{"datasource": "bgp", "entityType": "country", "entityCode": "KZ"}]]},
    {"data": [[{"datasource": "bgp", "entityType": "country", "entityCode": "KZ", "from": 1e99, "step": 0,
                "values": [10**400, "x", None, {}]}]]},
    {"success": True, "result": {"main": {"timestamps": ["now", 5, None], "values": [None]}, "meta": 7}},
    {"result": [{"measurement_start_day": "", "measurement_count": -5}, {"measurement_start_day": "9999-99-99",
                 "measurement_count": 10**18}]},
    {"status": "success", "data": {"result": [{"metric": {"country": "\u0000"}, "values": [[1e300, "1"]]},
                                              {"metric": {"asn": "9" * 99}, "values": [[-1, "-1"]]}]}},
    {"results": [{"country_code": "\ud83d", "asn_v4": -1, "status": {"id": 1}}], "next": None},
    {"objects": [{"country_code": "KZ", "asn_v4": 10**12, "status": 1}]},
    [{"date": "2022-13-45", "dl_samples_day": 1e308}, {"date": None}],
]  # fmt: skip
BODIES = [
    b"",
    b"\xff\xfe\x00",
    b"<html>captive portal</html>",
    DEEP,
    *(json.dumps(one).encode() for one in JSON),
    *(bz2.compress(json.dumps(one).encode()) for one in JSON),
    b"\x0a\x0d\x0a\x032.0\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01\x12\xff",
    b"date,country,users\n2022-01-03,kz,1e999\n\x00,,\n" + b"," * 10_000,
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("since", [None, NOON - 2 * DAY])
def test_no_answer_brings_anything_but_values_and_reasons(name: str, since: int | None) -> None:
    said = [b""]
    with replaying(lambda _: Reply(said[0])) as server, web(tokens={name: "key"}) as out:
        options = Options(address=server.url, query="up", country="KZ", since=since)
        for body in BODIES:
            said[0] = body
            try:
                found = list(network_importers()[name].fetch(out, options))
            except UserError as error:
                assert "\n" not in str(error)  # noqa: PT017  most bodies are refused, some bring what they can
                continue
            for one in found:
                assert getattr(one, "reason", "") or len(one)  # type: ignore[arg-type]  # a reason, or values


@pytest.mark.parametrize("name", NAMES)
def test_a_time_that_has_not_come_is_told(name: str) -> None:
    with replaying(lambda _: Reply()) as server, web(tokens={name: "key"}) as out:
        options = Options(address=server.url, query="up", country="KZ", since=NOON + DAY)
        with pytest.raises(UserError, match=r"--since lies in the future|a feed tells of now alone"):
            list(network_importers()[name].fetch(out, options))


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_brings_and_how_late(name: str) -> None:
    importer = network_importers()[name]
    assert name == importer.NAME
    assert importer.ABOUT
    assert importer.DELAY_S >= 0
