import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.page_title import title_of


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("", ""),
        ("<title>One</title><title>Two</title>", "One"),
        ("<title\nlang='en'>One</title>", "One"),
        ("<Title>One</Title>", "One"),
        ("<title>One", ""),
        ("<title></title>", ""),
        ("no title", ""),
        ("x" * 70_000 + "<title>Far</title>", ""),
        (f"<title>{'x' * 600}</title>", "x" * 512),
    ],
)
def test_a_title_stands_near_the_beginning(body: str, title: str) -> None:
    assert title_of(body) == title


@given(st.text(max_size=400))
def test_no_text_is_too_strange_for_a_title(body: str) -> None:
    assert len(title_of(body)) <= 512
    assert len(title_of(f"<title>{body}</title>")) <= 512
