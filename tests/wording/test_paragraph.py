"""The paragraph: how, where, how sure, what speaks against it; and never who."""

import msgspec
import pytest

from lampwatch.model.incident import Level, Reason
from lampwatch.model.revision import Status
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.language import LOCALES, language
from lampwatch.wording.paragraph import paragraph
from lampwatch.wording.said import Said
from lampwatch.wording.sentence import sentence
from tests.wording.incidents import HOUR, KAZAKH, NAMES, ONSET, TWO_STEPS, block, blocking, outage


def english(said: Said) -> str:
    return paragraph(said, "en", NAMES)


def test_mechanisms_are_told_in_their_order_with_their_networks() -> None:
    assert (
        "It works by dropping packets to its addresses on AS9198 Kazakhtelecom and AS21299 Kar-Tel,"
        " later by resetting encrypted connections that name it on AS29355 and AS41798."
    ) in english(Said(blocking("telegram", blocks=TWO_STEPS)))


def test_mechanisms_seen_within_an_hour_came_together() -> None:
    means = ((Mechanism.TLS_SNI_RESET, ONSET + HOUR - 1), (Mechanism.IP_DROP, ONSET))
    told = english(
        Said(blocking("telegram", networks=KAZAKH, blocks=[block(asn=asn, means=means) for asn in KAZAKH]))
    )
    assert "by dropping packets to its addresses and resetting encrypted connections that name it." in told
    assert "later" not in told


def test_networks_that_do_not_block_are_named_too() -> None:
    told = english(Said(blocking("telegram", networks=KAZAKH[:2], measured=KAZAKH[:3])))
    assert "It was found on AS9198 Kazakhtelecom and AS21299 Kar-Tel." in told
    assert "It was not found on AS29355." in told


def test_sessions_of_several_targets_are_not_added_up() -> None:
    blocks = [block("telegram", blocked_voters=12), block("whatsapp", blocked_voters=9, contrary_voters=3)]
    told = english(Said(blocking("telegram", "whatsapp", networks=(9198,), blocks=blocks)))
    assert "At least 12 measuring sessions found it, 3 found none of it." in told


def test_what_speaks_against_it_is_told_even_where_no_message_knows_it() -> None:
    odd = Reason("new_reason", "the probes are all of one version", 0.5)
    for locale in LOCALES:
        assert "the probes are all of one version" in paragraph(
            Said(blocking("telegram", against=(odd,))), locale, NAMES
        )


def test_where_no_session_contradicts_none_is_counted() -> None:
    told = english(Said(blocking("telegram", networks=(9198,), blocks=[block(contrary_voters=0)])))
    assert "At least 12 measuring sessions found it, none there contradicts it." in told


def test_programs_and_what_they_recognised_are_named() -> None:
    blocks = [
        block(asn=9198, software="miniooni 3.18.0", fingerprints=("kz.page",)),
        block(asn=21299, software="lampwatch 0.1.0"),
    ]
    told = english(Said(blocking("telegram", networks=KAZAKH[:2], blocks=blocks)))
    assert "It was found with lampwatch 0.1.0 and miniooni 3.18.0." in told
    assert "Known block pages or false answers were recognised: kz.page." in told
    assert "recognised" not in english(Said(blocking("telegram")))


@pytest.mark.parametrize("locale", LOCALES)
def test_the_witness_is_the_measurement_that_tells_most(locale: str) -> None:
    seen = msgspec.structs.replace(block(fingerprints=("kz.page",), blocked_voters=2), witness="of-the-page")
    many = msgspec.structs.replace(block(asn=21299, blocked_voters=90), witness="of-most-voters")
    told = paragraph(Said(blocking("telegram", networks=KAZAKH[:2], blocks=[many, seen])), locale, NAMES)
    assert "of-the-page" in told
    assert "of-most-voters" not in told


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "said", [Said(blocking("telegram", level=Level.REPORTED)), Said(blocking("telegram"), Status.RETRACTED)]
)
def test_of_what_is_not_told_there_is_the_sentence_alone(locale: str, said: Said) -> None:
    assert paragraph(said, locale, NAMES) == sentence(said, locale, NAMES)


@pytest.mark.parametrize("locale", LOCALES)
def test_each_paragraph_ends_with_who_is_not_known(locale: str) -> None:
    nobody = language(locale).message("nobody")
    for said in (Said(blocking("telegram")), Said(outage())):
        assert paragraph(said, locale, NAMES).endswith(nobody)
