from dataclasses import dataclass

import pytest

from lampwatch.judge.rule import Chapter, Rule, decide, decide_by_chapters, holding, rules_of
from lampwatch.model.observation import Witness, witnessed
from lampwatch.model.verdict import Finding
from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State


@dataclass(frozen=True)
class Weather:
    """Facts of another kind than the web's: rules ask nothing more of them."""

    rain: bool = False
    wind: bool = False
    target: str = "sky.test"
    control: Control = Control.WORKED

    def hostname(self, group: str) -> str:
        return f"{group}.sky.test"

    def fingerprint(self, group: str) -> str:
        return f"known {group}"

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        return (witnessed("probe", group, 0), witnessed("control", group, 0))


WET = Rule[Weather](
    id="sky.wet",
    when=lambda sky: sky.rain,
    state=State.BLOCKED,
    layer=Layer.DNS,
    mechanism=Mechanism.DNS_BOGON,
    evidence=Evidence.DIRECT,
    because="it rains",
    rests_on=("dns", "tcp"),
)
WINDY = Rule[Weather](
    id="sky.windy",
    when=lambda sky: sky.wind,
    state=State.BLOCKED,
    layer=Layer.IP,
    mechanism=Mechanism.IP_DROP,
    evidence=Evidence.COMPARED,
    because="it blows",
    rests_on=("tcp",),
)
GREY = Rule[Weather](
    id="sky.grey", when=lambda _: True, state=State.UNKNOWN, because="who knows", rests_on=()
)
BOOK = (WET, WINDY, GREY)


def test_the_first_rule_that_holds_decides() -> None:
    assert decide(BOOK, Weather(rain=True, wind=True)).rule_id == "sky.wet"
    assert decide(BOOK, Weather(wind=True)).rule_id == "sky.windy"
    assert decide(BOOK, Weather()).rule_id == "sky.grey"


def test_a_verdict_says_what_its_rule_says() -> None:
    verdict = decide(BOOK, Weather(rain=True))
    assert (verdict.state, verdict.layer, verdict.mechanism) == (
        State.BLOCKED,
        Layer.DNS,
        Mechanism.DNS_BOGON,
    )
    assert (verdict.evidence, verdict.because) == (Evidence.DIRECT, "it rains")
    assert (verdict.target, verdict.control) == ("sky.test", Control.WORKED)


def test_other_rules_that_hold_and_accuse_are_findings_in_the_book_s_order() -> None:
    verdict = decide((GREY, WET, WINDY), Weather(rain=True, wind=True))
    assert verdict.findings == (
        Finding("sky.wet", Layer.DNS, Mechanism.DNS_BOGON),
        Finding("sky.windy", Layer.IP, Mechanism.IP_DROP),
    )


def test_a_rule_that_accuses_nobody_is_no_finding() -> None:
    assert decide(BOOK, Weather(rain=True)).findings == ()


def test_witnesses_stand_in_the_order_of_what_the_rule_rests_on() -> None:
    verdict = decide(BOOK, Weather(rain=True))
    assert [str(witness) for witness in verdict.witnesses] == [
        "probe.dns.0",
        "control.dns.0",
        "probe.tcp.0",
        "control.tcp.0",
    ]


def test_hostname_and_fingerprint_are_of_the_deciding_group() -> None:
    verdict = decide(BOOK, Weather(rain=True))
    assert (verdict.hostname, verdict.fingerprint) == ("dns.sky.test", "known dns")


def test_a_rule_that_rests_on_nothing_has_no_witnesses() -> None:
    assert decide(BOOK, Weather()).witnesses == ()


def test_a_book_without_a_last_word_is_our_own_bug() -> None:
    with pytest.raises(LookupError, match=r"sky\.test"):
        decide((WET, WINDY), Weather())


CHAPTERS = (
    Chapter(lambda sky: sky.wind, (WET, WINDY)),
    Chapter(lambda _: True, (GREY,)),
)


def test_a_chapter_whose_condition_does_not_hold_is_not_read() -> None:
    assert holding(CHAPTERS, Weather(rain=True)) == [GREY]
    assert holding(CHAPTERS, Weather(rain=True, wind=True)) == [WET, WINDY, GREY]


def test_a_last_resort_is_asked_only_where_nothing_else_held() -> None:
    chapters = (Chapter(lambda _: True, (WET, WINDY)), Chapter(lambda _: True, (GREY,), last_resort=True))
    assert holding(chapters, Weather(rain=True)) == [WET]
    assert holding(chapters, Weather()) == [GREY]


def test_a_book_in_chapters_decides_as_its_first_rule_that_holds() -> None:
    sky = Weather(rain=True, wind=True)
    assert decide_by_chapters(CHAPTERS, sky) == decide(rules_of(CHAPTERS), sky)


def test_a_book_holds_the_rules_of_all_its_chapters_in_order() -> None:
    assert rules_of(CHAPTERS) == (WET, WINDY, GREY)
