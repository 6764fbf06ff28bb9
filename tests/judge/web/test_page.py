import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.judge.web.page import (
    BODY_CAP,
    body_ratio,
    same_page,
    same_server,
    share_long_word,
    share_uncommon_header,
)
from lampwatch.model.observation import HttpExchange
from tests.judge.web.stories import page


def headed(name: str, value: str) -> HttpExchange:
    return msgspec.structs.replace(page(), headers={name: value})


def test_a_page_is_its_own_likeness() -> None:
    assert same_page(page(), page())


def test_another_status_is_another_page() -> None:
    assert not same_page(page(status=403), page())


@pytest.mark.parametrize(
    ("length", "same"), [(1000, True), (701, True), (700, False), (1428, True), (1429, False)]
)
def test_bodies_of_like_length_are_alike(length: int, same: bool) -> None:
    assert same_page(page(title="", length=length), page()) is same


@pytest.mark.parametrize(
    ("title", "other", "shared"),
    [
        ("Example Domain", "The Domain", True),
        ("example", "EXAMPLE", True),
        ("Free Porn", "Free News", False),
        ("", "", False),
        ("Example", "", False),
        ("Archive: all of it", "The Archive", True),
        ("Новости дня", "НОВОСТИ", True),
        # Words that any page may have, a block page too: the real one for archive.org is called Internet Positif.
        ("Internet Positif", "Internet Archive: Digital Library of Free & Borrowable Books", False),
        ("Website blocked", "Website of the year", False),
        ("Access Denied", "Open Access Journals", False),
        ("Welcome", "Welcome to our homepage", False),
    ],
)
def test_titles_share_a_word_that_not_every_page_has(title: str, other: str, shared: bool) -> None:
    assert share_long_word(title, other) is shared


def test_a_header_that_few_servers_send_shows_the_server() -> None:
    assert share_uncommon_header(headed("x-shard", "1"), headed("x-shard", "2"))
    assert not share_uncommon_header(headed("content-length", "1"), headed("content-length", "2"))
    assert not share_uncommon_header(headed("x-shard", "1"), page())


def test_the_same_server_is_known_by_its_name_or_a_header() -> None:
    assert same_server(page(server="nginx"), page(server="nginx"))
    assert not same_server(page(server="nginx"), page(server="Apache"))
    assert not same_server(page(), page())
    assert not same_server(page(server=""), page(server=""))
    assert same_server(headed("x-shard", "1"), headed("x-shard", "1"))


def test_a_length_that_is_not_known_is_no_likeness() -> None:
    assert body_ratio(page(length=-1), page()) == 0
    assert body_ratio(page(), page(length=-1)) == 0


def test_two_empty_pages_are_alike() -> None:
    assert body_ratio(page(length=0), page(length=0)) == 1


def test_what_the_probe_cut_off_is_not_held_against_the_page() -> None:
    assert body_ratio(page(length=BODY_CAP), page(length=64 * BODY_CAP)) == 1


def test_a_page_that_is_all_there_is_held_against_the_whole() -> None:
    assert body_ratio(page(length=BODY_CAP - 1), page(length=64 * BODY_CAP)) < 0.1


@given(st.integers(-1, 2**31), st.integers(-1, 2**31))
def test_a_ratio_is_between_nothing_and_one(here: int, there: int) -> None:
    assert 0 <= body_ratio(page(length=here), page(length=there)) <= 1
