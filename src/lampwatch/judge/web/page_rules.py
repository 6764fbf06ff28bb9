"""Rules on the exchange itself: what was answered, by whom, and whether it is the page that the control got."""

from typing import Final

from lampwatch.judge.rule import Rule
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.hop import CUT_OFF
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

WebRule = Rule[WebFacts]

_TIMEOUT: Final = frozenset({Failure.TIMEOUT})

KNOWN_PAGE_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.http.known_block_page",
        layer=Layer.HTTP,
        when=lambda web: web.known_block_page and web.outside is not None,
        state=State.BLOCKED,
        mechanism=Mechanism.HTTP_BLOCK_PAGE,
        evidence=Evidence.DIRECT,
        because="the response is a known block page, and the control was not given it",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.unknown.refused_by_known_server",
        layer=Layer.HTTP,
        when=lambda web: web.known_refusal and not web.same_page,
        state=State.UNKNOWN,
        because="the response is one by which servers are known to turn visitors away themselves",
        rests_on=("http",),
    ),
)

BROKEN_OFF_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.http.cut_after_request.control_gets_page",
        layer=Layer.HTTP,
        when=lambda web: web.plain_failed_in(CUT_OFF) and web.worked_outside,
        state=State.BLOCKED,
        mechanism=Mechanism.HTTP_RESET,
        evidence=Evidence.COMPARED,
        because="the connection was cut off after our unencrypted request, and the control got the page",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.http.timeout_after_request.control_gets_page",
        layer=Layer.HTTP,
        when=lambda web: web.plain_failed_in(_TIMEOUT) and not web.response_began and web.worked_outside,
        state=State.BLOCKED,
        mechanism=Mechanism.HTTP_DROP,
        evidence=Evidence.COMPARED,
        because="our unencrypted request was never answered, and the control got the page",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.unknown.throttling_suspected",
        layer=Layer.HTTP,
        when=lambda web: web.response_began and web.broke_off and web.worked_outside,
        state=State.UNKNOWN,
        mechanism=Mechanism.THROTTLING,
        because="the response began and did not come to its end in time, which a throttled or a bad line does alike",
        rests_on=("http", "control.http"),
    ),
)

ANOTHER_PAGE_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.http.redirected_to_another_page",
        layer=Layer.HTTP,
        when=lambda web: web.plain_detour and web.another_page and not web.final_over_tls,
        state=State.BLOCKED,
        mechanism=Mechanism.HTTP_REDIRECT,
        evidence=Evidence.INFERRED,
        because="an unencrypted response led to another site, and its page shares neither content nor server with the "
        "one the control got",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.unknown.redirected_to_another_page_over_tls",
        layer=Layer.HTTP,
        # A site's own consent page or country edition looks the same from here: no accusation.
        when=lambda web: web.plain_detour and web.another_page and web.final_over_tls,
        state=State.UNKNOWN,
        mechanism=Mechanism.HTTP_REDIRECT,
        because="an unencrypted response led to another site with another page than the control got, as a censor or "
        "the site itself may do",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.http.another_page.other_server",
        layer=Layer.HTTP,
        when=lambda web: web.another_page and not web.certified_page and not web.plain_detour,
        state=State.BLOCKED,
        mechanism=Mechanism.HTTP_BLOCK_PAGE,
        evidence=Evidence.INFERRED,
        because="an unencrypted page came that shares neither content nor server with the one the control got",
        rests_on=("http", "control.http"),
    ),
)
