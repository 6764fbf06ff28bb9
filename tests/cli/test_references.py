import pickle
from pathlib import Path

import pytest
from click.testing import CliRunner

from lampwatch.cli.geoip import geoip
from lampwatch.cli.references import load_references
from lampwatch.model.errors import UserError

LIST = (
    "name,scope,location_found,pattern_type,pattern,confidence_no_fp,expected_countries\n"
    "kz,nat,body,contains,blocked by order,5,KZ\n"
    "bad,king,body,contains,x,5,KZ\n"
)


def test_without_anything_both_snapshots_are_none(tmp_path: Path) -> None:
    references = load_references(tmp_path).references
    assert (references.networks_version, references.fingerprints_version) == ("none", "none")


def test_fingerprints_and_networks_are_loaded_and_travel_to_worker_processes(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    (tmp_path / "a.csv").write_text("192.0.2.0,192.0.2.255,9198,Kazakhtelecom\n")
    arguments = ["update", "--data", str(tmp_path), "--asn", str(tmp_path / "a.csv")]
    CliRunner().invoke(geoip, arguments, catch_exceptions=False)
    loaded = load_references(tmp_path, [tmp_path / "list.csv"])
    references = pickle.loads(pickle.dumps(loaded.references))  # noqa: S301  made in this very line
    assert references.asn_of("192.0.2.1") == 9198
    assert references.fingerprints.in_page({}, "", "blocked by order", "KZ").name == "kz"
    assert references.networks_version.startswith("geoip-asn")
    assert references.fingerprints_version.startswith("fingerprints-")


def test_rows_left_out_are_handed_on(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    (malformed,) = load_references(tmp_path, [tmp_path / "list.csv"]).malformed
    assert "scope" in malformed.reason


def test_a_list_that_was_named_and_is_not_there_is_the_user_s_mistake(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        load_references(tmp_path, [tmp_path / "none.csv"])
