"""`lampwatch incidents` and `lampwatch incident`, as they are typed."""

import json
from pathlib import Path

import pytest

from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.store.incidents import IncidentLog
from lampwatch.wording.language import LOCALES
from tests.cli.running import said
from tests.wording.incidents import AGAINST, DELIBERATE, HOUR, ONSET, SAID, at, blocking, onset, outage

MESSENGER = blocking("facebook_messenger", began=onset(at(4, 16)), against=AGAINST)
MEDIA = blocking("bbc", began=onset(at(5, 6)), level=Level.CORROBORATED)
EVERYTHING = outage(reasons=DELIBERATE)
SIGNAL = blocking("signal", began=onset(at(5, 9)), level=Level.SIGNAL)
EPISODE = (
    "Kazakhstan is apparently restricted in access to the Internet since about 16:00 UTC on 4 January 2022:"
    " first Facebook Messenger, then BBC, then the Internet connection as a whole."
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with an episode of three incidents, and a first sign that is no part of it."""
    keep(tmp_path, EVERYTHING, MEDIA, SIGNAL, MESSENGER)
    return tmp_path


def keep(data: Path, *incidents: AnyIncident, number: int = 1, status: Status = Status.ONGOING) -> None:
    made = ONSET + number * HOUR
    log = IncidentLog(data / "incidents.jsonl")
    log.append([Revision(one, number, made, made, status, "first seen", "1") for one in incidents])


def test_an_episode_stands_together_below_its_sentence_in_the_order_it_began(data: Path) -> None:
    lines = said("incidents", "--data", data).splitlines()
    assert lines[0] == EPISODE
    assert [line.split(" is ")[0] for line in lines if " is " in line] == [
        "Kazakhstan",
        "  Facebook Messenger",
        "  BBC",
        "  Kazakhstan",
    ]
    first = "  Facebook Messenger is apparently blocked on 4 of 6 tested networks in Kazakhstan"
    assert lines[2:4] == [
        f"{first} since about 16:00 UTC on 4 January 2022.",
        "    kz-facebook_messenger · level 2 apparent · ongoing · revision 1 of 2022-01-05 15:30 UTC",
    ]
    assert any(line.startswith("Signal shows signs of being blocked") for line in lines)


def test_what_is_left_of_an_episode_by_a_filter_has_no_heading(data: Path) -> None:
    alone = said("incidents", "--kind", "connectivity", "--data", data)
    assert alone.startswith("Kazakhstan is very likely cut off")
    both = said("incidents", "--kind", "blocking", "--data", data)
    assert ": first Facebook Messenger, then BBC.\n\n  Facebook Messenger is" in both


def test_what_was_retracted_is_no_part_of_an_episode(data: Path) -> None:
    keep(data, MEDIA, number=2, status=Status.RETRACTED)
    told = said("incidents", "--retracted", "--data", data)
    assert told.startswith(EPISODE.replace(" then BBC,", ""))
    assert "\nRetracted: “BBC is very likely" in told


def test_lines_are_one_sentence_each_latest_first(data: Path) -> None:
    lines = said("incidents", "--format", "lines", "--data", data).splitlines()
    assert [line.split(" is ")[0].split(" shows ")[0] for line in lines] == [
        "Kazakhstan",
        "Signal",
        "BBC",
        "Facebook Messenger",
    ]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_language_is_printed_with_its_own_marks_and_spaces(locale: str, data: Path) -> None:
    asked = ("--language", locale, "--data", data)
    several = said("incidents", *asked) + said("incident", "kz-facebook_messenger", *asked)
    assert "\\u" not in several
    assert "\\x" not in several
    assert ("\u2068" in several) is (locale in {"ar", "fa"})


def test_one_incident_has_its_paragraph_what_it_belongs_to_and_its_revisions(data: Path) -> None:
    told = said("incident", "kz-facebook_messenger", "--data", data)
    assert told.startswith("Facebook Messenger is apparently blocked on 4 of 6 tested networks")
    assert "What speaks against it: in 5 other countries it looks blocked too" in told.split("\n\n")[0]
    assert f"\n  Together: {EPISODE}\n" in told
    assert "\n      lampwatch incident kz-bbc\n" in told
    assert "\nRevisions\n  1  2022-01-05 15:30 UTC  first seen (detector 1)\n" in told


def test_what_is_blocked_in_a_region_is_told_apart_from_what_is_open_beyond_it(tmp_path: Path) -> None:
    keep(tmp_path, SAID["blocked in a region, and not beyond it"].incident)
    told = said("incident", "kz-telegram", "--data", tmp_path)
    assert told.startswith("Telegram is apparently blocked on 2 of 3 tested networks in Almaty (Kazakhstan)")
    assert (
        "It was not found on AS29355. It was not found on AS41798, AS48503 and AS50482, which may serve"
        in told
    )
    assert (
        "\n  not blocked on AS29355\n  not blocked on AS41798, AS48503, AS50482, which may serve other regions\n"
        in told
    )


def test_of_a_loss_of_connectivity_the_intention_is_hedged_a_reason_a_line(data: Path) -> None:
    told = said("incident", "kz-outage", "--data", data)
    assert "The probability that it was deliberate is estimated at 90%, never a verdict." in told
    assert (
        "\n  deliberate?  90%, never a verdict\n               + it began on the hour, local time (09:00)\n"
    ) in told


def test_machines_get_what_a_reason_is_about(data: Path) -> None:
    found = json.loads(said("incident", "kz-facebook_messenger", "--format", "json", "--data", data))
    assert {"name": "open_elsewhere", "factor": 0.9, "about": [2, 6]}.items() <= found["against"][3].items()


def test_a_name_of_strangers_cannot_move_the_cursor(tmp_path: Path) -> None:
    keep(tmp_path, blocking(targets=("a\x1b[2jb.example",)))
    told = said("incidents", "--data", tmp_path)
    told += said("incidents", "--format", "lines", "--data", tmp_path)
    assert "\x1b" not in told
    assert told.count("a\\x1b[2jb.example is apparently") == 2
