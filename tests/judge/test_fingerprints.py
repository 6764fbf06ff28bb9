import pickle
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.fingerprints import read_fingerprints
from lampwatch.judge import fingerprints as judged
from lampwatch.judge.fingerprints import MAX_BODY, KnownPages
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope


def known(
    name: str = "n",
    pattern: str = "blocked by order",
    *,
    scope: Scope = Scope.NAT,
    location: str = "body",
    kind: Pattern = Pattern.CONTAINS,
    confidence: int = 5,
    countries: str = "",
) -> Fingerprint:
    return Fingerprint(name, scope, location, kind, pattern, confidence, frozenset(countries.split()))


def name_in_body(body: str, *found: Fingerprint, country: str = "KZ") -> str:
    match = KnownPages(found, "v").in_page({}, "", body, country)
    return match.name if match else ""


@pytest.mark.parametrize(
    ("kind", "body", "matches"),
    [
        (Pattern.CONTAINS, "<p>blocked by order</p>", True),
        (Pattern.CONTAINS, "<p>Blocked by order</p>", False),
        (Pattern.PREFIX, "blocked by order 7", True),
        (Pattern.PREFIX, "<p>blocked by order", False),
        (Pattern.PREFIX, "\nblocked by order", False),
        (Pattern.FULL, "blocked by order", True),
        (Pattern.FULL, "blocked by order\n", False),
        (Pattern.REGEXP, "<p>blocked by order", True),
    ],
)
def test_each_kind_of_pattern_is_compared_in_its_own_way(kind: Pattern, body: str, matches: bool) -> None:
    assert name_in_body(body, known(kind=kind)) == ("n" if matches else "")


@pytest.mark.parametrize("kind", [Pattern.CONTAINS, Pattern.PREFIX, Pattern.FULL])
@pytest.mark.parametrize("text", ["a.b", "(", "[x]", "\\d", "^", "$5", "a|b", "запрет", "\x00", "a\r\nb"])
def test_literal_patterns_mean_themselves(kind: Pattern, text: str) -> None:
    assert name_in_body(text, known(pattern=text, kind=kind)) == "n"


def test_a_dot_in_a_literal_is_no_wildcard() -> None:
    assert name_in_body("aXb", known(pattern="a.b")) == ""


def test_regular_expressions_span_lines() -> None:
    assert name_in_body("order\nof the court", known(pattern="order.*court", kind=Pattern.REGEXP)) == "n"


def test_headers_are_compared_by_their_own_patterns() -> None:
    pages = KnownPages(
        [known("loc", "http://block.test/", location="header.location", kind=Pattern.PREFIX)], "v"
    )
    found = pages.in_page({"location": "http://block.test/7"}, "", "", "KZ")
    assert found is not None
    assert found.name == "loc"
    assert pages.in_page({"server": "http://block.test/7"}, "", "http://block.test/7", "KZ") is None


def test_a_title_stands_for_a_body_that_was_not_kept() -> None:
    pages = KnownPages([known(pattern="<title>Blocked</title>")], "v")
    assert pages.in_page({}, "Blocked", "", "KZ") is not None
    assert pages.in_page({}, "Blocked", "the whole body", "KZ") is None


def test_dns_answers_are_compared_whole() -> None:
    pages = KnownPages([known(pattern="10.9.8.7", location="dns", kind=Pattern.FULL)], "v")
    assert pages.in_answers(("192.0.2.1", "10.9.8.7"), "KZ") is not None
    assert pages.in_answers(("110.9.8.7", "10.9.8.70"), "KZ") is None


def test_the_higher_confidence_is_preferred() -> None:
    assert name_in_body("blocked by order", known("a"), known("b", confidence=9)) == "b"


def test_scopes_are_preferred_in_their_order_at_equal_confidence() -> None:
    found = [known(scope.value, scope=scope) for scope in Scope]
    left = list(found)
    seen = []
    while left:
        seen.append(name_in_body("blocked by order", *left))
        left = [f for f in left if f.name != seen[-1]]
    assert seen == [scope.value for scope in Scope]


def test_a_vague_word_never_hides_a_block_page_however_confident() -> None:
    assert (
        name_in_body(
            "blocked by order", known("isp", scope=Scope.ISP), known("vbw", scope=Scope.VBW, confidence=10)
        )
        == "isp"
    )


def test_a_known_innocent_page_is_preferred_to_vague_words() -> None:
    assert (
        name_in_body(
            "blocked by order", known("vbw", scope=Scope.VBW, confidence=10), known("fp", scope=Scope.FP)
        )
        == "fp"
    )


def test_what_belongs_to_the_probe_s_country_is_preferred() -> None:
    russian, kazakh = known("a", confidence=10, countries="RU"), known("b", countries="KZ")
    assert name_in_body("blocked by order", russian, kazakh, country="KZ") == "b"


def test_a_page_of_another_country_is_still_reported() -> None:
    assert name_in_body("blocked by order", known(countries="RU"), country="KZ") == "n"


def test_names_decide_among_equals_whatever_the_order() -> None:
    found = [known(name) for name in "cab"]
    assert {name_in_body("blocked by order", *order) for order in (found, found[::-1])} == {"a"}


def test_only_the_beginning_of_a_huge_body_is_searched() -> None:
    body = "x" * MAX_BODY + "blocked by order"
    assert name_in_body(body, known()) == ""
    assert name_in_body(body[16:], known()) == "n"


def test_a_lone_surrogate_does_not_stop_the_search() -> None:
    assert name_in_body("\ud800 blocked by order", known()) == "n"


def test_a_page_that_ends_like_our_own_sentinel_matches_nothing() -> None:
    assert name_in_body(f"any {judged._SENTINEL}", known()) == ""


def test_a_set_too_large_for_its_memory_is_halved_and_still_finds_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judged, "AUTOMATON_BYTES", 64 * 1024)
    found = [known(f"n{n}", f"pattern number {n:04} of many {n * 7919}") for n in range(200)]
    pages = KnownPages(found, "v")
    assert len(pages._body._sets) > 1
    assert pages.unusable == ()
    assert all(pages._body.in_text(f"<p>{f.pattern}</p>") == [f] for f in found)


def test_a_pattern_too_large_even_alone_is_named_and_the_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judged, "AUTOMATON_BYTES", 64 * 1024)
    large = known("large", "z" * 16_000)
    pages = KnownPages([known("small"), large], "v")
    assert pages.unusable == (large,)
    assert pages.in_page({}, "", "blocked by order", "KZ") is not None


def test_matchers_travel_to_worker_processes() -> None:
    pages = pickle.loads(pickle.dumps(KnownPages([known()], "v7")))  # noqa: S301  made in this very line
    assert pages.version == "v7"
    assert pages.in_page({}, "", "blocked by order", "KZ") == known()


def python_finds(f: Fingerprint, body: str) -> bool:
    if f.pattern_type is Pattern.CONTAINS:
        return f.pattern in body
    return body == f.pattern if f.pattern_type is Pattern.FULL else body.startswith(f.pattern)


LETTERS = st.text("ab.\n", min_size=1, max_size=4)


@given(st.lists(LETTERS, min_size=1, max_size=6, unique=True), st.text("ab.\n", max_size=30))
def test_one_automaton_finds_what_python_finds_one_by_one(patterns: list[str], body: str) -> None:
    found = [known(f"{kind}{p}", p, kind=kind) for p in patterns for kind in list(Pattern)[:3]]
    expected = {f.name for f in found if body and python_finds(f, body)}
    pages = KnownPages(found, "v")
    assert {f.name for f in (pages._body.in_text(body) if body else ())} == expected


def test_each_of_ooni_s_literal_patterns_is_found_in_a_page_that_holds_it(shared_data: Path) -> None:
    path = shared_data / "fingerprints" / "fingerprints_http.csv"
    found = read_fingerprints(path.read_bytes(), path.name).fingerprints
    pages = KnownPages(found, "v")
    contained = [f for f in found if f.location == "body" and f.pattern_type is Pattern.CONTAINS]
    around = "".join(random.Random(1).choices("<div> abcdefgh</p>\n", k=2_000))
    missed = [f.name for f in contained if f not in pages._body.in_text(around + f.pattern + around)]
    assert (len(contained), missed) == (1296, [])
