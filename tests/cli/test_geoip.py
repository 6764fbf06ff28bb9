from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lampwatch.cli.geoip import geoip
from lampwatch.model.errors import UserError
from tests.store.references.registry_server import serving

ENVIRONMENT = {"LAMPWATCH_DATA": None, "NPM_CONFIG_REGISTRY": None}


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner(env={**ENVIRONMENT, **environment}).invoke(geoip, arguments)


def test_show_says_that_there_is_nothing_and_how_to_get_it(tmp_path: Path) -> None:
    result = run("show", "--data", str(tmp_path))
    assert result.exit_code == 0
    assert "No address data" in result.output
    assert "lampwatch geoip update" in result.output


def test_update_fetches_from_the_registry_that_the_environment_names(tmp_path: Path) -> None:
    with serving() as registry:
        registry.publish_defaults(tmp_path)
        result = run("update", NPM_CONFIG_REGISTRY=registry.base, LAMPWATCH_DATA=str(tmp_path / "data"))
    assert result.exit_code == 0, result.exception
    assert "geoip-asn20260617-country" in result.output


def test_show_tells_dates_sources_licences_and_warnings(tmp_path: Path) -> None:
    with serving() as registry:
        registry.publish_defaults(tmp_path)
        run("update", "--registry", registry.base, "--dir", str(tmp_path))
    shown = run("show", "--dir", str(tmp_path)).output
    assert "is in force" in shown
    for said in (
        "2026-06-17",
        "npm @ip-location-db/asn",
        "CC-BY-4.0",
        "Attribute it to DB-IP.com.",
        "note: ",
    ):
        assert said in shown


def test_local_files_are_put_in_force(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("192.0.2.0,192.0.2.255,9198,Kazakhtelecom\n")
    result = run("update", "--data", str(tmp_path), "--asn", str(path), "--registry", "http://127.0.0.1:1")
    assert result.exit_code == 0, result.exception
    assert str(path) in result.output


def test_offline_ends_in_one_line_for_the_user(tmp_path: Path) -> None:
    result = run("update", "--data", str(tmp_path), "--registry", "http://127.0.0.1:1")
    assert isinstance(result.exception, UserError)
    assert "\n" not in str(result.exception)


def test_a_plain_http_registry_elsewhere_is_refused(tmp_path: Path) -> None:
    result = run("update", "--data", str(tmp_path), "--registry", "http://192.0.2.1")
    assert isinstance(result.exception, UserError)
    assert "only https" in str(result.exception)


@pytest.mark.parametrize("command", ["update", "show"])
def test_every_command_says_what_it_does(command: str) -> None:
    assert "--data" in run(command, "--help").output
