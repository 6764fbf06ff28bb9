import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from lampwatch.cli.place import STORE_FILE, Place
from lampwatch.formats.services import catalogue
from lampwatch.model.vocabulary import State
from tests.cli.running import lampwatch, said
from tests.store.samples import NOON, measurement, store_at, tables_of, verdict

DAY = dt.timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Telegram is blocked on two networks, in part on a third, open on a fourth, undecided on a fifth."""
    on = {
        1: [State.BLOCKED, State.BLOCKED],
        2: [State.BLOCKED],
        3: [State.BLOCKED, State.OK],
        4: [State.OK],
        5: [State.DOWN, State.UNKNOWN],
        0: [State.BLOCKED],
    }
    numbers: Iterator[int] = iter(range(100))
    given = [
        (measurement(next(numbers), asn=asn), [verdict("telegram", state)])
        for asn, states in on.items()
        for state in states
    ]
    given += [
        (measurement(next(numbers), asn=4), [verdict("web.telegram.org", State.DOWN)]),
        (measurement(next(numbers), asn=1, start=NOON + 2 * DAY), [verdict("telegram", State.OK)]),
        (measurement(next(numbers), asn=4), [verdict("www.open.kz", State.OK)]),
        (measurement(next(numbers), asn=4), [verdict("undecided.kz", State.UNKNOWN)]),
        (measurement(next(numbers), asn=4), [verdict("www.bbc.com", State.OK)]),
        (measurement(next(numbers), asn=4), [verdict("news.kz[bold]\x1b", State.BLOCKED)]),
        (measurement(next(numbers), asn=4), [verdict("path", State.BLOCKED)]),
        (measurement(next(numbers), asn=7, country="DE"), [verdict("signal", State.OK)]),
    ]
    with store_at(tmp_path) as store:
        store.commit(tables_of(*given), None)
    assert (tmp_path / STORE_FILE).exists()
    return tmp_path


def of(printed: str, service: str) -> str:
    return next(line for line in printed.splitlines() if line.startswith(service))


def test_the_catalogue_is_listed_without_any_measurement() -> None:
    printed = said("services")
    begun = {line.split()[0] for line in printed.splitlines() if not line.startswith(" ")}
    assert begun == {"id"} | {service.id for service in catalogue().services}
    assert "messenger" in of(printed, "telegram ")


def test_the_catalogue_is_there_for_machines() -> None:
    found = json.loads(said("services", "--format", "json"))
    assert {one["id"] for one in found} == {service.id for service in catalogue().services}
    rows = list(csv.DictReader(io.StringIO(said("services", "--format", "csv"))))
    assert (
        next(row for row in rows if row["id"] == "whatsapp")["domains"] == "whatsapp.com whatsapp.net wa.me"
    )


@pytest.mark.parametrize("name", ["whatsapp", "v.whatsapp.net", "WhatsApp"])
def test_one_service_is_found_by_its_id_or_a_target(name: str) -> None:
    printed = said("services", "--service", name)
    assert len(printed.splitlines()) == 2
    assert "whatsapp.net" in printed


def test_a_country_s_line_says_on_how_many_networks_and_which(data: Path) -> None:
    line = of(said("services", "--data", data, "--country", "kz"), "Telegram")
    assert "blocked on 2 of 4 networks (AS1, AS2), in part on 1 (AS3), 1 open, undecided on 1 more" in line


def test_a_narrower_window_tells_of_it_alone(data: Path) -> None:
    line = of(said("services", "--data", data, "--country", "KZ", "--since", "2022-01-07"), "Telegram")
    assert "open on 1 network" in line


def test_the_window_that_was_measured_is_told(data: Path) -> None:
    assert said("services", "--data", data, "--country", "KZ").splitlines()[0] == (
        "Kazakhstan (KZ), 2022-01-05 12:00 to 2022-01-07 13:00 UTC"
    )


def test_those_blocked_come_first_and_open_sites_are_counted(data: Path) -> None:
    lines = said("services", "--data", data, "--country", "KZ").splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["Telegram", "news.kz[bold]\\x1b", "BBC"]
    assert lines[5] == "2 more sites: 1 open wherever that was decided, 1 undecided everywhere"


def test_a_category_says_which_of_its_targets(data: Path) -> None:
    printed = said("services", "--data", data, "--country", "KZ")
    assert "blocked on 2 of 4 networks" in of(printed, "Communication Tools")
    assert of(printed, "Communication Tools").rstrip().endswith("1 of 1 target (telegram); 1 more undecided")
    assert "1 of 2 targets (news.kz[bold]\\x1b); 1 more undecided" in of(printed, "of no category")


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (((State.BLOCKED,), (State.BLOCKED,)), "all 2 targets"),
        (((State.BLOCKED,), (State.OK,)), "1 of 2 targets (telegram)"),
        (
            ((State.BLOCKED,), (State.BLOCKED, State.OK)),
            "1 of 2 targets (telegram); 1 in part (web.telegram.org)",
        ),
        (((State.OK,), (State.BLOCKED, State.OK)), "1 of 2 targets in part (web.telegram.org)"),
        (((State.BLOCKED, State.OK), (State.BLOCKED, State.OK)), "all 2 targets in part"),
        (((State.BLOCKED,), (State.DOWN,)), "1 of 1 target (telegram); 1 more undecided"),
    ],
)
def test_targets_that_are_blocked_in_part_or_undecided_are_never_counted_as_blocked(
    tmp_path: Path, states: tuple[tuple[State, ...], ...], told: str
) -> None:
    given = [
        (measurement(10 * place + n), [verdict(name, state)])
        for place, (name, found) in enumerate(zip(("telegram", "web.telegram.org"), states, strict=True))
        for n, state in enumerate(found)
    ]
    with store_at(tmp_path) as store:
        store.commit(tables_of(*given), None)
    line = of(said("services", "--data", tmp_path, "--country", "KZ"), "Telegram").rstrip()
    assert line.endswith(f"  {told}")


def test_verdicts_of_unknown_networks_are_told_apart(data: Path) -> None:
    printed = said("services", "--data", data, "--country", "KZ")
    assert "1 verdict from unknown networks not counted, 1 of them blocked" in printed


def test_the_path_is_no_service(data: Path) -> None:
    assert "path" not in said("services", "--data", data, "--country", "KZ")


def test_no_control_characters_reach_the_terminal(data: Path) -> None:
    assert "\x1b" not in said("services", "--data", data, "--country", "KZ")


def test_one_service_is_told_target_by_target_and_network_by_network(data: Path) -> None:
    printed = said("services", "--data", data, "--country", "KZ", "--service", "telegram")
    rows = [line.split() for line in printed.splitlines() if line.startswith(("telegram ", "web.telegram"))]
    assert ["telegram", "AS1", "Network", "1", "blocking", "2", "1", "0", "0"] in rows
    assert ["telegram", "AS5", "Network", "5", "undecided", "0", "0", "1", "1"] in rows
    assert ["telegram", "not", "known", "not", "counted", "1", "0", "0", "0"] in rows
    assert ["web.telegram.org", "AS4", "Network", "4", "undecided", "0", "0", "1", "0"] in rows


def test_machines_get_every_network_by_how_it_stands(data: Path) -> None:
    found = json.loads(
        said("services", "--data", data, "--country", "KZ", "--service", "telegram", "--format", "json")
    )
    (telegram,) = found["services"]
    assert telegram["networks"] == {"blocking": [1, 2], "partly": [3], "open": [4], "undecided": [5]}
    assert telegram["targets"]["undecided"] == ["web.telegram.org"]
    assert telegram["verdicts_from_unknown_networks"]["blocked"] == 1
    assert found["first_hour"] == "2022-01-05T12:00:00Z"
    assert {
        "target": "telegram",
        "asn": 3,
        "standing": "partly",
        "ok": 1,
        "down": 0,
        "blocked": 1,
        "unknown": 0,
    } in found["targets_on_networks"]


def test_csv_has_one_row_a_service_and_a_category(data: Path) -> None:
    rows = list(
        csv.DictReader(io.StringIO(said("services", "--data", data, "--country", "KZ", "--format", "csv")))
    )
    telegram = next(row for row in rows if row["id"] == "telegram")
    assert (telegram["of"], telegram["networks_blocking"], telegram["networks_undecided"]) == (
        "service",
        "1 2",
        "5",
    )
    assert {row["id"] for row in rows if row["of"] == "category"} == {"COMT", "NEWS", ""}


def test_categories_of_lists_count_too(data: Path) -> None:
    place = Place(data)
    with place.archive() as archive, place.store(archive) as store:
        store.set_categories([("open.kz", "NEWS")])
    found = json.loads(said("services", "--data", data, "--country", "KZ", "--format", "json"))
    news = next(one for one in found["categories"] if one["id"] == "NEWS")
    assert news["targets"]["open"] == ["www.bbc.com", "www.open.kz"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--since", "2022-01-01"), "name their country with --country"),
        (("--service", "nosuch"), "'nosuch' is no service"),
        (
            ("--country", "KZ", "--since", "2022-01-02", "--until", "2022-01-01"),
            "--until is not after --since",
        ),
        (("--country", "FR"), "nothing was measured in FR"),
        (("--country", "KZ", "--service", "signal"), "Signal was not measured in KZ"),
        (("--country", "Kazakhstan"), "no country code"),
    ],
)
def test_what_cannot_be_told_is_said_in_one_line(data: Path, arguments: tuple[str, ...], why: str) -> None:
    result = lampwatch("services", "--data", data, *arguments)
    assert result.exit_code == 2
    assert why in result.stderr
    assert result.stderr.count("\n") == 1


def test_without_a_store_a_country_points_to_ingest(tmp_path: Path) -> None:
    result = lampwatch("services", "--data", tmp_path, "--country", "KZ")
    assert result.exit_code == 2
    assert "lampwatch ingest" in result.stderr


@pytest.fixture
def sizes(tmp_path: Path) -> Path:
    path = tmp_path / "sizes.csv"
    path.write_text(
        "entity,size,country,region\nAS1,10,KZ,Almaty\nAS2,10,KZ,KZ-75\nAS3,10,KZ,Astana\nAS4,10,KZ,\nAS6,10,,Almaty\n"
    )
    return path


@pytest.mark.parametrize("region", ["Almaty", "almaty", "kz-75"])
def test_a_region_is_counted_up_from_the_networks_that_serve_it_alone(
    data: Path, sizes: Path, region: str
) -> None:
    result = lampwatch("services", "--data", data, "--country", "KZ", "--region", region, "--sizes", sizes)
    assert result.exit_code == 0, result.stderr
    assert "blocked on 2 of 2 networks (AS1, AS2)" in of(result.stdout, "Telegram")
    assert result.stdout.startswith("networks that serve Almaty alone, Kazakhstan (KZ), 2022-01-05 ")
    assert "line 6 is left out: it names a region, and not its country" in result.stderr


def test_a_region_nobody_knows_the_networks_of_is_told(data: Path, sizes: Path) -> None:
    asked = ("services", "--data", data, "--country", "KZ", "--region", "Zhambyl")
    for result in (lampwatch(*asked), lampwatch(*asked, "--sizes", sizes)):
        assert result.exit_code == 2
        assert "no file says which networks serve 'Zhambyl' in KZ; name one" in result.stderr.splitlines()[-1]


def test_a_region_in_which_nothing_was_measured_is_told(data: Path, sizes: Path) -> None:
    sizes.write_text("entity,size,country,region\nAS99,10,KZ,Almaty\n")
    result = lampwatch("services", "--data", data, "--country", "KZ", "--region", "Almaty", "--sizes", sizes)
    assert result.exit_code == 2
    assert "nothing was measured there in that time" in result.stderr
