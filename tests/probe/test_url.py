import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.probe.failed import Failed
from lampwatch.probe.url import Url, asked_url, read_url, redirected

HOME = Url("https", "example.org", 443, "/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTP://Example.ORG:8080/a?b=c#d", "http://example.org:8080/a?b=c"),
        ("https://www.пример.испытание/", "https://www.xn--e1afmkfd.xn--80akhbyknj4f/"),
        ("https://example.org/путь ?q=я", "https://example.org/%D0%BF%D1%83%D1%82%D1%8C%20?q=%D1%8F"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/"),
    ],
)
def test_urls_are_read_as_they_are_asked_for(text: str, expected: str) -> None:
    assert str(asked_url(text)) == expected


@pytest.mark.parametrize(
    "text", ["example.org", "ftp://example.org/", "http://", "https://exa mple/", "http://[::1"]
)
def test_what_cannot_be_fetched_is_the_users_mistake(text: str) -> None:
    with pytest.raises(UserError, match="no web address"):
        asked_url(text)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/home", "https://example.org/home"),
        ("?a=b", "https://example.org/?a=b"),
        ("//other.test/x", "https://other.test/x"),
        ("http://other.test", "http://other.test/"),
    ],
)
def test_redirects_lead_on_from_where_they_stand(location: str, expected: str) -> None:
    assert str(redirected(HOME, location)) == expected


@pytest.mark.parametrize("location", ["http://", "javascript:alert(1)", "http://[::1", "https:///x"])
def test_a_redirect_to_no_place_is_a_failure(location: str) -> None:
    onward = redirected(HOME, location)
    assert isinstance(onward, Failed)
    assert onward.failure is Failure.HTTP_INVALID_REDIRECT


@given(st.text())
def test_any_location_gives_a_url_or_a_failure(location: str) -> None:
    onward = redirected(HOME, location)
    assert isinstance(onward, Failed) or read_url(str(onward)) == onward
