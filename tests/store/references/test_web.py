from pathlib import Path

import pytest

from lampwatch.model.errors import UserError
from lampwatch.store.references.web import Web, check_address
from tests.store.references.registry_server import Registry

WEB = Web(timeout_s=5)


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Tell nobody."""


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.mmdb",
        "ftp://example.org/a",
        "file:///etc/passwd",
        "https://",
        "https:///a",
        "a.mmdb",
        "http://[",
        "http://127.0.0.1.example.org/a",
    ],
)
def test_only_https_leaves_this_machine(url: str) -> None:
    with pytest.raises(UserError, match="cannot fetch"):
        check_address(url)


@pytest.mark.parametrize(
    "url", ["https://example.org/a", "http://127.0.0.1:1/a", "http://[::1]:1/", "http://localhost/"]
)
def test_https_and_this_machine_are_allowed(url: str) -> None:
    check_address(url)


def test_a_redirect_to_a_worse_scheme_is_not_followed(registry: Registry) -> None:
    registry.answers["/a"] = (302, {"Location": "http://192.0.2.1/a"}, b"")
    with pytest.raises(UserError, match="only https"):
        WEB.read(f"{registry.base}/a", limit=10, accept="*/*")


def test_a_redirect_on_this_machine_is_followed(registry: Registry) -> None:
    registry.answers["/a"] = (302, {"Location": "/b"}, b"")
    registry.answers["/b"] = (200, {}, b"here")
    assert WEB.read(f"{registry.base}/a", limit=10, accept="*/*") == b"here"


def test_more_than_the_limit_is_not_read(registry: Registry, tmp_path: Path) -> None:
    registry.answers["/a"] = (200, {}, b"x" * 11)
    with pytest.raises(UserError, match="more than the 10 bytes allowed"):
        WEB.read(f"{registry.base}/a", limit=10, accept="*/*")
    with pytest.raises(UserError, match="more than the 10 bytes allowed"):
        WEB.save(f"{registry.base}/a", tmp_path / "a", limit=10, progress=silent)


def test_a_body_that_breaks_off_is_a_failure(registry: Registry, tmp_path: Path) -> None:
    registry.answers["/a"] = (200, {"Content-Length": "20"}, b"x" * 11)
    with pytest.raises(UserError, match=r"cannot fetch .*11 of 20 bytes|IncompleteRead"):
        WEB.save(f"{registry.base}/a", tmp_path / "a", limit=100, progress=silent)


def test_a_refusal_names_its_status(registry: Registry) -> None:
    with pytest.raises(UserError, match="404"):
        WEB.read(f"{registry.base}/none", limit=10, accept="*/*")


def test_progress_ends_with_the_whole_size(registry: Registry, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    registry.answers["/a"] = (200, {"Last-Modified": "Wed, 17 Jun 2026 19:00:00 GMT"}, b"x" * 11)
    saved = WEB.save(f"{registry.base}/a", tmp_path / "a", limit=100, progress=lambda *t: told.append(t))
    assert (saved.size, saved.modified[:16]) == (11, "Wed, 17 Jun 2026")
    assert told[-1] == ("download", 11, 11)


def test_an_unreachable_peer_is_told_in_one_line(registry: Registry) -> None:
    url = registry.base.replace("127.0.0.1", "127.0.0.2")
    with pytest.raises(UserError) as told:
        WEB.read(url, limit=10, accept="*/*")
    assert "\n" not in str(told.value)
