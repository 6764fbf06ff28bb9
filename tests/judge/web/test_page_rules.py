import pytest

from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import References
from lampwatch.model.failure import Failure
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.vocabulary import Evidence, State
from tests.judge.web.stories import (
    ELSEWHERE,
    HTTP,
    SITE,
    Case,
    Story,
    block_page,
    connect,
    control,
    moved,
    no_page,
    page,
    shake,
)


def known_page(scope: Scope) -> References:
    entry = Fingerprint("order", scope, "body", Pattern.CONTAINS, "blocked by order", 5, frozenset())
    return References(fingerprints=KnownPages([entry], "test"))


AWAY = f"http://{ELSEWHERE}/"
AWAY_TLS = f"https://{ELSEWHERE}/"
CONTROL_FAILED = control(SITE, failure=Failure.TIMEOUT)

PLAIN = Story(url=HTTP, tcp=(connect(port=80),))
BLOCK_PAGE = PLAIN.but(http=(block_page(),))
KNOWN = BLOCK_PAGE.but(references=known_page(Scope.NAT))
REFUSAL = BLOCK_PAGE.but(references=known_page(Scope.FP))
CUT = PLAIN.but(http=(no_page(),))
SILENT = PLAIN.but(http=(no_page(failure=Failure.TIMEOUT),))
SLOW = PLAIN.but(http=(page(failure=Failure.TIMEOUT),))
LED_AWAY = PLAIN.but(http=(block_page(AWAY, depth=1), moved(HTTP, AWAY)))
LED_AWAY_TLS = PLAIN.but(http=(block_page(AWAY_TLS, depth=1), moved(HTTP, AWAY_TLS)))

CASES = [
    Case("web.http.known_block_page", KNOWN, KNOWN.but(http=(page(),))),
    Case("web.unknown.refused_by_known_server", REFUSAL, REFUSAL.but(references=known_page(Scope.VBW))),
    Case("web.http.cut_after_request.control_gets_page", CUT, CUT.but(outside=CONTROL_FAILED)),
    Case("web.http.timeout_after_request.control_gets_page", SILENT, SILENT.but(outside=CONTROL_FAILED)),
    Case("web.unknown.throttling_suspected", SLOW, SLOW.but(http=(page(),))),
    Case(
        "web.http.redirected_to_another_page",
        LED_AWAY,
        LED_AWAY.but(http=(page(AWAY, depth=1), moved(HTTP, AWAY))),
    ),
    Case(
        "web.unknown.redirected_to_another_page_over_tls",
        LED_AWAY_TLS,
        LED_AWAY_TLS.but(http=(page(AWAY_TLS, depth=1), moved(HTTP, AWAY_TLS))),
    ),
    Case("web.http.another_page.other_server", BLOCK_PAGE, BLOCK_PAGE.but(http=(page(),))),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_smallest_story_that_fires_it(case: Case) -> None:
    assert case.fires.verdict().rule_id == case.rule


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_fact_changed_and_it_does_not_hold(case: Case) -> None:
    assert case.rule not in case.just_not.held()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_a_control_nothing_is_blocked(case: Case) -> None:
    assert case.fires.but(outside=None).verdict().state is State.UNKNOWN


def test_a_known_page_is_direct_evidence_and_is_named() -> None:
    verdict = KNOWN.verdict()
    assert (verdict.evidence, verdict.fingerprint) == (Evidence.DIRECT, "order")


def test_what_came_over_tls_is_the_server_s_own_word() -> None:
    url = "https://www.example.org/"
    story = Story(tls=(shake(),), http=(block_page(url),), references=known_page(Scope.NAT))
    assert story.verdict().rule_id == "web.ok.page_over_tls"


@pytest.mark.parametrize("server", ["nginx", "cloudflare"])
def test_the_same_server_may_say_something_else(server: str) -> None:
    story = PLAIN.but(
        http=(page(title="Attention", length=50, server=server),), outside=control(SITE, server=server)
    )
    assert story.verdict().rule_id == "web.unknown.another_page.same_server"


def test_a_page_that_differs_from_the_control_s_refusal_is_unknown() -> None:
    assert BLOCK_PAGE.but(outside=control(SITE, status=403)).verdict().state is State.UNKNOWN


def test_a_response_cut_short_over_tls_is_no_accusation() -> None:
    url = "https://www.example.org/"
    story = Story(tls=(shake(),), http=(page(url, failure=Failure.CONNECTION_RESET),))
    assert story.verdict().rule_id == "web.unknown.throttling_suspected"


def test_a_block_page_is_not_hidden_by_vague_words_on_the_page_that_came_after_it() -> None:
    pages = KnownPages(
        [
            Fingerprint("away", Scope.NAT, "header.location", Pattern.PREFIX, AWAY, 5, frozenset()),
            Fingerprint("vague", Scope.VBW, "body", Pattern.CONTAINS, "blocked by order", 5, frozenset()),
        ],
        "test",
    )
    verdict = LED_AWAY.but(references=References(fingerprints=pages)).verdict()
    assert (verdict.rule_id, verdict.fingerprint) == ("web.http.known_block_page", "away")


@pytest.mark.parametrize("scope", [Scope.VBW, Scope.FP, Scope.PROV, Scope.INJB])
def test_what_is_no_block_page_is_not_named_beside_an_accusation(scope: Scope) -> None:
    # A fingerprint beside `blocked` is counted as a confirmation.
    assert BLOCK_PAGE.but(references=known_page(scope)).verdict().fingerprint == ""
