import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.scrub import scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "X-Forwarded-For: 198.51.100.7",
        "Via: 1.1 host-198-51-100-7.isp.example",
        "for=%22198%2E51%2E100%2E7%22",
        "Forwarded: for=[2001:db8:cafe::17]",
        "Forwarded: for=2001%3Adb8%3Acafe%3A%3A17",
        "mac=de-ad-be-ef-00-01",
        "mac=de:ad:be:ef:00:01",
    ],
)
def test_whatever_looks_like_an_address_is_scrubbed(text: str) -> None:
    clean = scrubbed(text, 200)
    assert "[scrubbed]" in clean
    assert not any(piece in clean for piece in ("198", "51", "100", "2001", "cafe", "de-ad", "de:ad"))


def test_what_is_no_address_is_left() -> None:
    assert scrubbed("GET / HTTP/1.1\n\r", 200) == "GET / HTTP/1.1\n\r"


def test_text_that_is_no_text_is_scrubbed_all_the_same() -> None:
    assert scrubbed("\ud800é 198.51.100.7", 200) == "?é [scrubbed]"


@given(st.text(alphabet=":. ab1", max_size=100), st.integers(0, 100))
def test_no_cut_leaves_half_an_address(before: str, characters: int) -> None:
    clean = scrubbed(f"{before} 203.0.113.254 {'2001:db8::9 ' * 20}", characters)
    assert len(clean) <= characters
    assert "203" not in clean
    assert "2001" not in clean
