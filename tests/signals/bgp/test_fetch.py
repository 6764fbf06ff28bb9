from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lampwatch.model.errors import UserError
from lampwatch.signals.bgp.fetch import Fetcher, MissingError, chunks_of
from tests.signals.bgp.archive_server import Archive, archive

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def served() -> Iterator[Archive]:
    with archive() as found:
        found.files["/rrc00/updates.20240101.0000.gz"] = CONTENT
        yield found


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as found:
        yield found


def address(served: Archive) -> str:
    return f"{served.base}/rrc00/updates.20240101.0000.gz"


def fetcher(folder: Path, client: httpx.Client, waits: list[float] | None = None) -> Fetcher:
    return Fetcher(folder, client=client, wait=([] if waits is None else waits).append)


def test_a_file_is_fetched_once(served: Archive, client: httpx.Client, tmp_path: Path) -> None:
    for _ in range(2):
        path = fetcher(tmp_path, client).path(address(served))
        assert b"".join(chunks_of(path)) == CONTENT
    assert len(served.asked) == 1


def test_a_broken_fetch_goes_on_where_it_was(served: Archive, client: httpx.Client, tmp_path: Path) -> None:
    served.break_after = [1000, 2000]
    waits: list[float] = []
    assert fetcher(tmp_path, client, waits).path(address(served)).read_bytes() == CONTENT
    assert [asked for _, asked in served.asked] == ["", "bytes=1000-", "bytes=3000-"]
    assert waits == [2, 4]


def test_a_fetch_that_was_given_up_is_gone_on_with_by_the_next_run(
    served: Archive, client: httpx.Client, tmp_path: Path
) -> None:
    served.break_after = [100] * 5
    with pytest.raises(UserError, match="Run the command again: it goes on where it stopped"):
        fetcher(tmp_path, client).path(address(served))
    assert fetcher(tmp_path, client).path(address(served)).read_bytes() == CONTENT
    assert served.asked[-1][1] == "bytes=500-"


def test_a_server_that_is_busy_is_asked_again(served: Archive, client: httpx.Client, tmp_path: Path) -> None:
    served.statuses = [503, 429]
    assert fetcher(tmp_path, client).path(address(served)).read_bytes() == CONTENT


def test_a_hole_in_the_archive_is_missing(served: Archive, client: httpx.Client, tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        fetcher(tmp_path, client).path(f"{served.base}/none.gz")


def test_a_refusal_is_told_at_once(served: Archive, client: httpx.Client, tmp_path: Path) -> None:
    served.statuses = [403]
    with pytest.raises(UserError, match="the server answers 403"):
        fetcher(tmp_path, client).path(address(served))
    assert len(served.asked) == 1
