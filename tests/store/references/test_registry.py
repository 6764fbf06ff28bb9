from pathlib import Path

import pytest

from lampwatch.model.errors import UserError
from lampwatch.store.references import registry as module
from lampwatch.store.references.registry import Unpacked, fetch_package
from lampwatch.store.references.web import Web
from tests.store.references.registry_server import Registry

NAME = "@scope/name"


def fetched(registry: Registry, into: Path, *wanted: str) -> Unpacked:
    return fetch_package(
        NAME, wanted, registry=registry.base, into=into, web=Web(timeout_s=5), progress=lambda *_: None
    )


def test_wanted_files_licence_and_version_come_out(registry: Registry, tmp_path: Path) -> None:
    registry.publish(NAME, {"a.csv": b"1", "b.csv": b"2", "NRO_LICENSE": b"terms\n", "MY-LICENCE": b"more"})
    got = fetched(registry, tmp_path, "a.csv")
    assert {name: path.read_bytes() for name, path in got.files.items()} == {"a.csv": b"1"}
    assert (got.version, got.licence, got.licence_texts) == ("2.3.2026061719", "CC-BY-4.0", "terms\n\nmore")


def test_the_packed_file_is_gone_afterwards(registry: Registry, tmp_path: Path) -> None:
    registry.publish(NAME, {"a.csv": b"1"})
    fetched(registry, tmp_path, "a.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("integrity", ["sha512-AAAA", "sha1-abc", "", "sha512-!"])
def test_a_package_that_its_hash_does_not_vouch_for_is_refused(
    registry: Registry, tmp_path: Path, integrity: str
) -> None:
    registry.integrity[NAME] = integrity
    registry.publish(NAME, {"a.csv": b"1"})
    with pytest.raises(UserError, match="SHA-512 differs"):
        fetched(registry, tmp_path, "a.csv")


def test_a_file_that_is_no_longer_there_is_named(registry: Registry, tmp_path: Path) -> None:
    registry.publish(NAME, {"a.csv": b"1"})
    with pytest.raises(UserError, match=r"holds no b\.csv: its layout has changed"):
        fetched(registry, tmp_path, "a.csv", "b.csv")


def test_no_package_writes_outside_its_folder(registry: Registry, tmp_path: Path) -> None:
    registry.publish(NAME, {"../../../a.csv": b"1"})
    got = fetched(registry, tmp_path / ".", "a.csv")
    assert got.files["a.csv"].resolve().parent == tmp_path.resolve()


def test_a_package_that_unpacks_without_end_is_refused(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNPACKED", 100)
    registry.publish(NAME, {"a.csv": b"x" * 101})
    with pytest.raises(UserError, match="unpacks to more than 100 bytes"):
        fetched(registry, tmp_path, "a.csv")


@pytest.mark.parametrize("answer", [b"<html>", b"{}", b'{"dist-tags":{"latest":"1"},"versions":{}}', b"\xff"])
def test_something_else_than_a_registry_is_recognised(
    registry: Registry, tmp_path: Path, answer: bytes
) -> None:
    registry.answers["/@scope%2fname"] = (200, {}, answer)
    with pytest.raises(UserError, match="did not answer as an npm registry"):
        fetched(registry, tmp_path, "a.csv")


def test_a_mirror_that_names_the_public_registry_is_asked_itself(registry: Registry, tmp_path: Path) -> None:
    registry.publish(NAME, {"a.csv": b"1"})
    status, headers, body = registry.answers["/@scope%2fname"]
    body = body.replace(registry.base.encode(), b"https://registry.npmjs.org")
    registry.answers["/@scope%2fname"] = (status, headers, body)
    assert fetched(registry, tmp_path, "a.csv").files
    assert registry.asked == ["/@scope%2fname", "/@scope/name/-/p.tgz"]
