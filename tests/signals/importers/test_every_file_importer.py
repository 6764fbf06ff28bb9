"""What every importer of files must do: say what it is, know only its own, and bear anything."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.model.errors import UserError
from lampwatch.signals.importing import HEAD_BYTES, Options, file_importers

IMPORTERS = file_importers()
MAPPING = b'time = "time"\ncountry = "country"\n[values.value]\n'
SAMPLES: dict[str, bytes] = {
    "censored-planet": b",date,measurements,ok,anomalies,ratio\n0,2021-01-03,3936,3758,178,0.04\n",
    "cloudflare-radar": b"Serie_0 timestamps,Serie_0 values\n2026-01-01T00:00:00Z,0.5\n2026-01-01T01:00:00Z,0.4\n",
    "crawl": b"crawl,tld,pages\nCC-MAIN-2023-06,ir,5\n",
    "gfwatch": b",date,count\n0,2021-12-06,440742\n",
    "google-traffic": b"time,YouTube,Gmail\n2019-06-01T00:00:00,0.53,1\n",
    "ioda": b"Time (UTC),BGP,Active Probing,Telescope\n2026-01-01 00:00:00,1,2,3\n2026-01-01 00:05:00,1,2,3\n",
    "mapped-csv": b"time,country,value\n2026-01-01,IR,4\n",
    "mlab": b"date,country,tests\n2023-01-01,IR,120\n",
    "monash": b"iso,name_1,time_e,connectivity\nVEN,Zulia,1563580800,90\n",
    "monash-answers": b"ip_hash,iso,name_1,isp_name,time_local_str\n1,MMR,Bago,X,2021-02-19 10:24:36.000\n",
    "ooni-counts": b"measurement_start_day,probe_cc,measurement_count,anomaly_count\n2023-01-01,IR,100,5\n",
    "series-csv": b"entity,source,signal,resolution_s,start,value\nVE,ioda,bgp,300,2026-01-01,5\n",
    "streams": b'{"test_name":"stream","probe_cc":"VE","probe_asn":"AS1","input":"x",'
    b'"measurement_start_time":"2026-01-01 05:10:00","test_keys":{"x_stream":{"kind":null}}}\n',
    "tor-users": b"date,country,users\n2021-01-01,ir,35889\n",
    "transport": b"time,flights\n2021-01-01T00:00:00,5\n",
}
ANSWERS: list[Any] = [
    {
        "data": [
            [
                {
                    "entityType": "country",
                    "entityCode": "IR",
                    "datasource": "bgp",
                    "from": 0,
                    "step": 300,
                    "values": [1],
                }
            ]
        ]
    },
    {
        "success": True,
        "result": {"meta": {}, "serie_0": {"timestamps": ["2026-01-01T00:00:00Z"], "values": ["1"]}},
    },
    {"result": [{"measurement_start_day": "2023-01-01", "probe_cc": "IR", "measurement_count": 4}]},
]


def read(name: str, content: bytes, *, country: str = "IR") -> int:
    """How many values an importer gives of what it is handed; what it may not do fails here."""
    options = Options(country=country, mapping=MAPPING)
    values = 0
    try:
        for one in IMPORTERS[name].read(content, "gfwatch-x.csv", options):
            if isinstance(one, MalformedRow):
                assert one.reason.isprintable()
                continue
            assert one.series.resolution_s > 0
            assert one.series.id.isprintable()
            assert len(one.starts) == len(one.values) == len(one.arrived)
            assert (one.starts[1:] > one.starts[:-1]).all()
            values += len(one)
    except UserError as error:
        told = str(error)
    else:
        told = ""
    assert told == "".join(char for char in told if char.isprintable())
    return values


def test_every_importer_has_a_sample_here() -> None:
    assert set(SAMPLES) == set(IMPORTERS)


@pytest.mark.parametrize("name", IMPORTERS)
def test_it_says_what_it_is(name: str) -> None:
    importer = IMPORTERS[name]
    assert importer.__name__.rpartition(".")[2] == name.replace("-", "_")  # type: ignore[attr-defined]  # it is a module
    assert importer.ABOUT
    assert "\n" not in importer.ABOUT + importer.LICENCE
    assert importer.DELAY_S >= 0


@pytest.mark.parametrize("name", SAMPLES)
def test_it_reads_its_sample(name: str) -> None:
    assert read(name, SAMPLES[name])


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "mapped-csv"])
def test_only_it_knows_its_sample(name: str) -> None:
    file = "gfwatch-data-cn.csv" if name == "gfwatch" else "x"
    knowing = [one.NAME for one in IMPORTERS.values() if one.recognises(SAMPLES[name][:HEAD_BYTES], file)]
    assert knowing == [name]


@pytest.mark.parametrize("name", IMPORTERS)
def test_what_is_no_file_of_anybody_s_is_not_known(name: str) -> None:
    for content in (
        b"",
        b"\n\n",
        b"# A page\n\nof words, and more words\n",
        b"%PDF-1.7\n\0\0",
        b"{}",
        b"[1]",
        b"a,b\n1,2\n",
    ):
        assert not IMPORTERS[name].recognises(content, "README.md")


@pytest.mark.parametrize("name", IMPORTERS)
@settings(max_examples=25, deadline=None)
@given(content=st.binary(max_size=300))
@example(content=b"")
@example(content=b"\xff\xfe\0,\n")
@example(content=b"[" * 100_000)
@example(content=b'{"data":' * 50_000)
def test_bytes_of_any_kind_are_borne(name: str, content: bytes) -> None:
    read(name, content)
    IMPORTERS[name].recognises(content, "x.csv")


@pytest.mark.parametrize("name", IMPORTERS)
@settings(max_examples=40, deadline=None)
@given(cut=st.integers(0, 300), at=st.integers(0, 300), put=st.binary(max_size=12))
@example(cut=0, at=0, put=b"\0")
def test_its_own_files_cut_short_and_scribbled_on_are_borne(name: str, cut: int, at: int, put: bytes) -> None:
    content = SAMPLES[name]
    read(name, content[:cut])
    read(name, content[:at] + put + content[at:])
    read(name, content[:at] + put + content[at + len(put) :], country="")


CELLS = st.sampled_from(
    [
        "",
        "0",
        "-1",
        "1e999",
        "nan",
        "9" * 400,
        "2021-01-01",
        "9999-12-31",
        "1563580800",
        "IR",
        "??",
        "\x85",
        "\u202e",
        "1,5",
        '"',
    ]
)


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if not sample.startswith(b"{")])
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=12), max_size=6))
def test_cells_of_any_kind_are_borne(name: str, rows: list[list[str]]) -> None:
    header = SAMPLES[name].partition(b"\n")[0]
    width = header.count(b",") + 1
    lines = [",".join((row * width)[:width]).encode("utf-8", "surrogatepass") for row in rows]
    read(name, b"\n".join([header, *lines]))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def changed(answer: Any, value: Any, choose: list[int]) -> Any:
    """An answer with one of its parts replaced; choose leads to it."""
    if not choose or not answer or not isinstance(answer, dict | list):
        return value
    if isinstance(answer, dict):
        keys = list(answer)
        key = keys[choose[0] % len(keys)]
        return {**answer, key: changed(answer[key], value, choose[1:])}
    at = choose[0] % len(answer)
    return [*answer[:at], changed(answer[at], value, choose[1:]), *answer[at + 1 :]]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("name", ["ioda", "cloudflare-radar", "ooni-counts"])
@settings(max_examples=60, deadline=None)
@given(value=JSON, choose=st.lists(st.integers(0, 9), max_size=5))
def test_answers_of_any_shape_are_borne(name: str, answer: Any, value: Any, choose: list[int]) -> None:
    read(name, json.dumps(changed(answer, value, choose)).encode())


@settings(max_examples=60, deadline=None)
@given(value=JSON, choose=st.lists(st.integers(0, 9), max_size=4))
def test_stream_measurements_of_any_shape_are_borne(value: Any, choose: list[int]) -> None:
    read("streams", json.dumps(changed(json.loads(SAMPLES["streams"]), value, choose)).encode())
