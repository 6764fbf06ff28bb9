import datetime as dt
import gzip
import io
import pickle
import socket
from collections.abc import Iterator, Mapping

import pytest

from lampwatch.collect.discover import discover
from lampwatch.collect.documents import Line
from lampwatch.collect.source import Source
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import Reason
from tests.collect.making import asides, end, items, lines
from tests.collect.servers import Shelf, shelf_on_loopback

SOON = dt.timedelta(microseconds=1)
LINES = b"".join(b'{"n":%d}\n' % n for n in range(200_000))
KEYS = {"AWS_ACCESS_KEY_ID": "someone", "AWS_SECRET_ACCESS_KEY": "a word that only this test uses"}


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    with shelf_on_loopback() as server:
        yield server


def found(*paths: str, environ: Mapping[str, str] | None = None, allow_http: bool = False) -> list[Source]:
    given = {} if environ is None else environ
    return list(discover(paths, stdin=io.BytesIO(), environ=given, allow_http=allow_http, first_wait=SOON))


def refused(*paths: str, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(UserError) as refusal:
        found(*paths, environ=environ)
    message = str(refusal.value)
    assert "\n" not in message
    assert message.startswith(paths[0].partition("?")[0])
    return message


def closed_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def test_an_object_at_an_address_is_read(shelf: Shelf) -> None:
    url = f"{shelf.url}/x/%C3%BC%20a.jsonl.gz?part=1&key=a%2Fb"
    shelf.objects["/x/ü a.jsonl.gz"] = gzip.compress(LINES)
    (source,) = found(url)
    read = items(source)
    assert len(lines(read)) == 200_000
    assert (source.identity, source.size) == ('"first"', len(gzip.compress(LINES)))
    assert shelf.asked[-1] == "GET /x/%C3%BC%20a.jsonl.gz?part=1&key=a%2Fb"


def test_what_an_address_asks_for_is_no_part_of_its_name(shelf: Shelf) -> None:
    shelf.objects["/x.jsonl"] = LINES
    (source,) = found(f"{shelf.url}/x.jsonl?token=secret")
    assert source.name == f"{shelf.url}/x.jsonl"


def test_a_connection_that_drops_goes_on_where_it_was(shelf: Shelf) -> None:
    shelf.objects["/x.jsonl"] = LINES
    (source,) = found(f"{shelf.url}/x.jsonl")
    shelf.drops, shelf.drop_after = 3, 400_000
    read = items(source)
    assert b"\n".join(raw for _, raw in lines(read)) + b"\n" == LINES
    assert (asides(read), end(read).finished) == ([], True)
    assert any("bytes=" in asked for asked in shelf.asked)


def test_a_connection_that_cannot_go_on_leaves_the_source_unfinished(shelf: Shelf) -> None:
    shelf.objects["/x.jsonl"] = LINES
    (source,) = found(f"{shelf.url}/x.jsonl")
    shelf.drops, shelf.drop_after, shelf.gives_range = 1000, 1_000_000, False
    read = items(source)
    (aside,) = asides(read)
    assert aside.reason is Reason.UNREADABLE_SOURCE
    assert "cannot be read on from byte" in aside.detail
    assert not end(read).finished
    assert end(read).mark == len(lines(read))
    shelf.drops = 0
    (again,) = found(f"{shelf.url}/x.jsonl")
    assert again.identity == source.identity
    rest = items(again, start=end(read).mark)
    assert lines(read) + lines(rest) == list(enumerate(LINES.splitlines(), start=1))


def test_an_object_that_changed_on_the_server_is_left_for_the_next_run(shelf: Shelf) -> None:
    shelf.objects["/x.jsonl"] = LINES
    (source,) = found(f"{shelf.url}/x.jsonl")
    shelf.tags["/x.jsonl"] = '"second"'
    read = items(source)
    assert ["has changed" in aside.detail for aside in asides(read)] == [True]
    assert (lines(read), end(read).finished) == ([], False)


def test_an_object_without_a_tag_is_known_by_size_and_time(shelf: Shelf) -> None:
    shelf.objects["/x.jsonl"] = LINES
    shelf.tags["/x.jsonl"] = ""
    (source,) = found(f"{shelf.url}/x.jsonl")
    assert source.identity == f"{len(LINES)}:2022-01-05T12:00:00+00:00"


def test_an_address_with_nothing_there_is_refused(shelf: Shelf) -> None:
    assert "nothing there" in refused(f"{shelf.url}/x.jsonl")


def test_a_server_that_does_not_answer_is_refused() -> None:
    assert "Check the address and the network" in refused(f"http://127.0.0.1:{closed_port()}/x.jsonl")


def test_a_server_that_tells_no_length_is_refused(shelf: Shelf) -> None:
    shelf.objects["/x.jsonl"] = LINES
    shelf.gives_length = False
    assert "pipe it" in refused(f"{shelf.url}/x.jsonl")


def test_an_address_with_no_ending_of_ours_is_refused(shelf: Shelf) -> None:
    assert "no ending" in refused(f"{shelf.url}/x.csv")
    assert shelf.asked == []


def test_http_to_elsewhere_is_refused_before_anything_is_sent() -> None:
    assert "Use https" in refused("http://probe.example/x.jsonl")


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    with pytest.raises(UserError) as refusal:
        found("https://someone:hidden@probe.example/x.jsonl")
    assert "hidden" not in str(refusal.value)


def bucket(shelf: Shelf, **keys: bytes) -> dict[str, str]:
    shelf.objects |= {f"/bucket/{key}": content for key, content in keys.items()}
    return {"AWS_ENDPOINT_URL": shelf.url}


OBJECTS = {
    "raw/20220105/00/KZ/b.jsonl.gz": gzip.compress(b'{"b":1}\n'),
    "raw/20220105/00/KZ/a.jsonl": b'{"a":1}\n{"a":2}\n',
    "raw/20220106/c.json": b'{\n"c":1\n}',
    "raw/20220106/notes.txt": b"no",
    "raw/20230101/d.jsonl": b"{}",
    "other/e.jsonl": b"{}",
}


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        ("", sorted(key for key in OBJECTS if not key.endswith("txt"))),
        ("raw/20220105/", ["raw/20220105/00/KZ/a.jsonl", "raw/20220105/00/KZ/b.jsonl.gz"]),
        ("raw/20220105", ["raw/20220105/00/KZ/a.jsonl", "raw/20220105/00/KZ/b.jsonl.gz"]),
        (
            "raw/2022",
            ["raw/20220105/00/KZ/a.jsonl", "raw/20220105/00/KZ/b.jsonl.gz", "raw/20220106/c.json"],
        ),
        ("o", ["other/e.jsonl"]),
        ("raw/20220106/c.json", ["raw/20220106/c.json"]),
    ],
)
def test_a_prefix_gives_the_objects_whose_keys_begin_so(shelf: Shelf, prefix: str, keys: list[str]) -> None:
    environ = bucket(shelf, **OBJECTS)
    sources = found(f"s3://bucket/{prefix}", environ=environ)
    assert [source.name for source in sources] == [f"s3://bucket/{key}" for key in keys]
    assert [source.size for source in sources] == [len(OBJECTS[key]) for key in keys]


def test_objects_in_a_bucket_are_read(shelf: Shelf) -> None:
    environ = bucket(shelf, **OBJECTS)
    read = [item for source in found("s3://bucket/raw/2022", environ=environ) for item in items(source)]
    assert [(item.source, item.raw) for item in read if isinstance(item, Line)] == [
        ("s3://bucket/raw/20220105/00/KZ/a.jsonl", b'{"a":1}'),
        ("s3://bucket/raw/20220105/00/KZ/a.jsonl", b'{"a":2}'),
        ("s3://bucket/raw/20220105/00/KZ/b.jsonl.gz", b'{"b":1}'),
        ("s3://bucket/raw/20220106/c.json", b'{ "c":1 }'),
    ]


def test_an_object_in_a_bucket_goes_on_where_it_was(shelf: Shelf) -> None:
    environ = bucket(shelf, **{"x.jsonl": LINES})
    (source,) = found("s3://bucket/x.jsonl", environ=environ)
    shelf.drops, shelf.drop_after = 2, 500_000
    assert len(lines(items(source))) == 200_000


def test_without_credentials_nothing_is_signed(shelf: Shelf) -> None:
    found("s3://bucket/raw", environ=bucket(shelf, **OBJECTS))
    assert set(shelf.signed) == {False}


def test_with_credentials_everything_is_signed(shelf: Shelf) -> None:
    (source, *_) = found("s3://bucket/raw", environ=bucket(shelf, **OBJECTS) | KEYS)
    items(source)
    assert set(shelf.signed) == {True}


def test_half_a_credential_is_refused(shelf: Shelf) -> None:
    environ = bucket(shelf, **OBJECTS) | {"AWS_ACCESS_KEY_ID": "someone"}
    assert "AWS_SECRET_ACCESS_KEY is not set" in refused("s3://bucket/raw", environ=environ)


def test_a_bucket_that_is_not_open_is_refused_with_what_to_set(shelf: Shelf) -> None:
    environ = bucket(shelf, **OBJECTS)
    shelf.refusal = 403
    assert "AWS_ACCESS_KEY_ID" in refused("s3://bucket/raw", environ=environ)


def test_a_bucket_in_another_region_is_refused_with_what_to_set(shelf: Shelf) -> None:
    environ = bucket(shelf, **OBJECTS)
    shelf.refusal = 301
    assert "AWS_REGION" in refused("s3://bucket/raw", environ=environ)


def test_a_bucket_that_is_not_there_is_refused(shelf: Shelf) -> None:
    environ = bucket(shelf, **OBJECTS)
    shelf.refusal = 404
    assert "no bucket" in refused("s3://bucket/raw/", environ=environ)


def test_a_prefix_with_nothing_there_is_refused(shelf: Shelf) -> None:
    assert "holds no measurements" in refused("s3://bucket/none", environ=bucket(shelf, **OBJECTS))


def test_an_endpoint_that_does_not_answer_is_refused() -> None:
    environ = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{closed_port()}"}
    assert "cannot be read" in refused("s3://bucket/raw", environ=environ)


def test_an_open_endpoint_elsewhere_must_be_allowed() -> None:
    assert "AWS_ALLOW_HTTP" in refused("s3://b/raw", environ={"AWS_ENDPOINT_URL": "http://minio.example"})


def test_an_address_without_a_bucket_is_refused() -> None:
    assert "names no bucket" in refused("s3://")


def test_a_source_can_be_handed_to_another_process(shelf: Shelf) -> None:
    environ = bucket(shelf, **OBJECTS)
    (source,) = found("s3://bucket/other", environ=environ)
    assert lines(items(pickle.loads(pickle.dumps(source)))) == [(1, b"{}")]  # noqa: S301  our own bytes
