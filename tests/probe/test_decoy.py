from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.probe.decoy import scrambled


@pytest.mark.parametrize("name", ["blocked.test", "www.example.org", "a.b", "xn--80ak6aa92e.com", "x1.y2.z"])
def test_a_decoy_is_as_long_and_ends_alike(name: str) -> None:
    decoy = scrambled(name, Random(3))
    assert decoy != name
    assert len(decoy) == len(name)
    assert decoy.rpartition(".")[2] == name.rpartition(".")[2]


def test_dots_and_hyphens_stay_where_they_are() -> None:
    decoy = scrambled("a-b.c1.test", Random(3))
    assert (decoy[1], decoy[3], decoy[5].isdigit()) == ("-", ".", True)


def test_a_name_of_one_label_gets_another() -> None:
    assert scrambled("localhost", Random(3)).endswith(".localhost")


@given(st.from_regex(r"[a-z0-9]{1,9}(\.[a-z]{1,9}){0,3}", fullmatch=True), st.integers(0, 99))
def test_a_decoy_is_never_the_name(name: str, seed: int) -> None:
    assert scrambled(name, Random(seed)) != name
