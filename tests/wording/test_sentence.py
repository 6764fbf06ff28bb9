"""The sentence: as sure as it is, as fine as it is known, and of nobody."""

import re
from collections import defaultdict
from collections.abc import Sequence

import msgspec
import pytest
from babel import Locale

from lampwatch.formats.services import catalogue
from lampwatch.model.disturbance import Direction
from lampwatch.model.errors import UserError
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope
from lampwatch.model.revision import Inputs, Revision, Status
from lampwatch.model.series import Family
from lampwatch.model.service import Kind
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.language import LOCALES
from lampwatch.wording.place import MOST_NAMES
from lampwatch.wording.said import Names, Said
from lampwatch.wording.sentence import sentence
from tests.wording.incidents import (
    A_DAY,
    DAY,
    HOUR,
    MESSENGERS,
    NAMES,
    ONSET,
    SAID,
    SITES,
    UNLIKE,
    at,
    block,
    blocking,
    end,
    onset,
    outage,
)

UNASSIGNED = ("AA", "QM", "QO", "QZ", "XA", "XB", "XZ", "ZZ")
CLOCK = re.compile(r"\d{1,2}(:|\s?h\s?)\d{2}")


def english(said: Said) -> str:
    return sentence(said, "en", NAMES)


def test_the_sentence_that_the_report_needs() -> None:
    assert english(Said(blocking("telegram"))) == (
        "Telegram is apparently blocked on 4 of 6 tested networks in Kazakhstan"
        " since about 14:30 UTC on 5 January 2022."
    )


@pytest.mark.parametrize(
    ("level", "verb"),
    [
        (Level.SIGNAL, "shows signs of being"),
        (Level.APPARENT, "is apparently"),
        (Level.CORROBORATED, "is very likely"),
        (Level.CONFIRMED, "is confirmed to be"),
    ],
)
def test_each_level_has_its_verb(level: Level, verb: str) -> None:
    assert english(Said(blocking("telegram", level=level))).startswith(f"Telegram {verb} blocked on")
    assert english(Said(outage(level=level))).startswith(f"Kazakhstan {verb} cut off")


def test_only_a_claim_is_reported_and_what_was_measured_is_insufficient() -> None:
    claim = blocking("telegram", level=Level.REPORTED, networks=(), measured=(), blocks=())
    assert "is reported to be blocked in Kazakhstan" in english(Said(claim))
    assert "is measured too little" in english(Said(blocking("telegram", level=Level.REPORTED)))


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("family", [Family.TRAFFIC, Family.USERS])
@pytest.mark.parametrize(
    "over", [None, end(at(6), low=at(6), high=at(7)), end(at(9), low=at(8), high=at(10))]
)
def test_daily_data_give_no_time_of_day(
    locale: str, status: Status, family: Family, over: Event | None
) -> None:
    incident = outage(families=(family,), resolution_s=DAY, began=A_DAY, over=over, level=Level.APPARENT)
    digits = str.maketrans("۰۱۲۳۴۵۶۷۸۹၀၁၂၃၄၅၆၇၈၉", "01234567890123456789")
    said = sentence(Said(incident, status), locale, NAMES).translate(digits)
    assert not CLOCK.search(said)
    assert "UTC" not in said
    assert "2022" in said


def test_a_day_with_an_end_known_to_two_days_is_hedged() -> None:
    incident = outage(resolution_s=DAY, began=A_DAY, over=end(at(9), low=at(8), high=at(10)))
    assert english(Said(incident)).endswith(
        "from 5 January 2022 to some time between 7 January 2022 and 8 January 2022."
    )


@pytest.mark.parametrize(
    ("began", "words"),
    [
        (onset(low=ONSET, high=ONSET + 900), "since 5 January 2022, 14:30 UTC."),
        (onset(low=ONSET, high=ONSET + HOUR), "since about 14:30 UTC on 5 January 2022."),
        (onset(ONSET + 1000, low=ONSET, high=ONSET + HOUR), "since about 15:00 UTC on 5 January 2022."),
        (onset(at(5, 23, 55)), "since about 23:30 UTC on 5 January 2022."),
        (
            onset(low=ONSET, high=ONSET + HOUR + 60),
            "since some time between 14:30 and 15:31 UTC on 5 January 2022.",
        ),
        (
            onset(low=ONSET - 2 * DAY, high=ONSET),
            "since some time between 3 January 2022 and 5 January 2022.",
        ),
    ],
)
def test_an_onset_is_as_fine_as_it_is_known(began: Event, words: str) -> None:
    assert english(Said(blocking("telegram", began=began))).endswith(words)


def test_what_had_begun_before_says_so_only_if_it_is_what_began_first() -> None:
    later = block(asn=21299, began=onset(ONSET + HOUR), begun_before=True)
    assert "or earlier" in english(Said(blocking("telegram", blocks=[block(begun_before=True)])))
    assert "or earlier" not in english(Said(blocking("telegram", blocks=[block(), later])))


@pytest.mark.parametrize(
    ("mechanisms", "verb"),
    [
        ((Mechanism.THROTTLING,), "apparently slowed down on"),
        ((Mechanism.STREAM_INTERRUPTED,), "apparently interrupted on"),
        ((Mechanism.THROTTLING, Mechanism.IP_DROP), "apparently blocked on"),
    ],
)
def test_throttling_is_no_blocking(mechanisms: tuple[Mechanism, ...], verb: str) -> None:
    assert verb in english(Said(blocking("telegram", mechanisms=mechanisms)))


def test_a_category_is_counted_where_there_are_too_many_to_name() -> None:
    sites = [f"s{number}.example" for number in range(5)]
    assert english(Said(blocking(targets=sites, category="NEWS"))).startswith("5 news sites are")
    assert english(Said(blocking(targets=sites[:4], category="NEWS"))).startswith(
        "s0.example, s1.example, s2.example and s3.example are"
    )
    unknown = english(Said(blocking(targets=sites, category="XYZ")))
    assert unknown.startswith("s0.example, s1.example, s2.example and 2 more are")


def test_fewer_of_something_is_no_loss_of_connectivity() -> None:
    said = english(Said(outage(families=(Family.USERS,), depth=0.9)))
    assert "fewer users of circumvention tools" in said
    assert "cut off" not in said


@pytest.mark.parametrize(("depth", "times"), [(8.46, "9.5"), (9.04, "10"), (3167.0, "3,168")])
def test_no_more_figures_of_a_surge_are_told_than_are_known(depth: float, times: str) -> None:
    surge = outage(families=(Family.USERS,), direction=Direction.SURGE, depth=depth)
    assert f"({times} times the usual)" in english(Said(surge))


def test_networks_are_named_where_they_are_what_it_is_about() -> None:
    one = outage("AS8048@VE-V", country="", scope=Scope.NETWORKS)
    assert english(Said(one)).startswith("The network AS8048 CANTV is very likely cut off")


def test_nothing_is_known_of_what_fell_silent() -> None:
    said = english(Said(blocking("telegram"), Status.INCONCLUSIVE))
    assert "was apparently blocked" in said
    assert said.endswith("to 7 January 2022, 10:00 UTC at least; it is not known whether it lasts.")


def test_what_settled_is_not_over() -> None:
    settled = Event(Turn.SETTLED, at(20), ONSET, at(20), at(20))
    assert "is very likely partly cut off" in english(Said(outage(depth=0.5, over=settled), Status.RESTORED))


def test_a_retraction_quotes_what_was_said_and_says_why() -> None:
    said = english(Said(blocking("telegram"), Status.RETRACTED, "the control had failed"))
    assert said.startswith("Retracted: “Telegram is apparently blocked")
    assert said.endswith("”, because the control had failed.")


def test_a_revision_that_a_person_retracted_has_that_person_s_reason() -> None:
    revision = Revision(
        blocking("telegram"),
        2,
        at(8),
        at(8),
        Status.RETRACTED,
        "retracted by Aida",
        "1",
        reason="a test (Aida)",
    )
    assert english(Said.of(revision)).endswith("”, because a test (Aida).")


def test_a_revision_is_said_as_it_stands() -> None:
    revision = Revision(blocking("telegram"), 2, at(8), at(8), Status.RETRACTED, "it is none", "1", Inputs())
    assert english(Said.of(revision)).startswith("Retracted: ")


@pytest.mark.parametrize("locale", LOCALES)
def test_names_of_strangers_stay_names(locale: str) -> None:
    hostile = Names(targets={"telegram": "Tele\u202egram\n{where}\x1b[31m"}, networks={9198: "a{b}\u2069c"})
    said = sentence(Said(blocking("telegram", networks=(9198,))), locale, hostile)
    assert "\n" not in said
    assert not re.search("[\u202a-\u202e\x1b]", said)
    assert said.count("\u2068") == said.count("\u2069")
    assert "{where}" in said


def test_a_name_that_runs_the_other_way_is_set_apart() -> None:
    names = Names(networks={9198: "شبکه"})
    said = sentence(Said(blocking("telegram", networks=(9198,))), "en", names)
    assert "(\u2068AS9198 شبکه\u2069)" in said


def test_a_persian_name_keeps_its_joiners() -> None:
    names = Names(targets={"telegram": "\u067e\u06cc\u0645\u200c\u0628\u0631"})
    assert "\u067e\u06cc\u0645\u200c\u0628\u0631" in sentence(Said(blocking("telegram")), "fa", names)


def test_a_region_behind_a_language_is_let_be() -> None:
    said = Said(blocking("telegram"))
    assert sentence(said, "de-AT", NAMES) == sentence(said, "DE_ch", NAMES) == sentence(said, "de", NAMES)


@pytest.mark.parametrize("locale", ["tlh", "", "../de", "english"])
def test_a_language_that_is_not_there_is_told_in_one_line(locale: str) -> None:
    with pytest.raises(
        UserError, match=r"^there are no sentences in .*; name one of the languages en, ar"
    ) as told:
        sentence(SAID["cut off"], locale, NAMES)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("code", ["ZQ", *UNASSIGNED])
def test_a_code_that_is_no_country_s_is_printed_as_a_code(locale: str, code: str) -> None:
    names = Locale.parse(locale).territories
    for incident in (
        msgspec.structs.replace(outage(), country=code, entities=(code,)),
        blocking("telegram", country=code, entities=(code,)),
    ):
        said = sentence(Said(incident), locale, NAMES)
        assert code in said
        assert names.get(code, "Pseudo") not in said


def test_kosovo_s_code_is_a_country_s() -> None:
    assert "in Kosovo" in english(Said(blocking("telegram", country="XK", entities=("XK",))))


def test_one_and_both_networks_are_not_counted() -> None:
    def where(*networks: int) -> str:
        return english(Said(blocking("telegram", networks=networks, measured=networks)))

    assert "on the only tested network (AS9198 Kazakhtelecom) in" in where(9198)
    assert "on both tested networks in" in where(9198, 21299)
    assert "on all 3 tested networks in" in where(9198, 21299, 29355)


@pytest.mark.parametrize(
    ("services", "category", "words"),
    [
        (MESSENGERS, "COMT", "7 messengers are apparently blocked"),
        (MESSENGERS[:4], "COMT", "Telegram, WhatsApp, Signal and facebook_messenger are apparently blocked"),
        ((*MESSENGERS, "zoom"), "COMT", "8 communication services are apparently blocked"),
        ((*MESSENGERS, "bbc"), "", "Telegram, WhatsApp, Signal and 5 more are apparently blocked"),
        (UNLIKE, "", "26 sites and services are apparently blocked"),
        (SITES, "NEWS", "12 news sites are apparently blocked"),
    ],
)
def test_many_are_called_by_what_they_have_in_common(
    services: Sequence[str], category: str, words: str
) -> None:
    assert english(Said(blocking(*services, category=category))).startswith(words)


def test_of_a_sweep_most_is_blocked_and_no_one_is_named() -> None:
    assert english(SAID["a sweep"]).startswith("Most sites and services that are measured show signs of")


def test_a_name_keeps_its_first_letter() -> None:
    assert english(Said(blocking(targets=("live.test",)))).startswith("live.test is apparently")


@pytest.mark.parametrize("locale", LOCALES)
def test_each_kind_that_there_are_many_of_has_a_plural(locale: str) -> None:
    by_kind: dict[Kind, list[str]] = defaultdict(list)
    for service in catalogue().services:
        by_kind[service.kind].append(service.id)
    many = [ids[:5] for ids in by_kind.values() if len(ids) > MOST_NAMES]
    assert len(many) > 10
    named = [ids for ids in many if ids[0] in sentence(Said(blocking(*ids)), locale, NAMES)]
    assert named == []
