"""Rules on what is well, what is down for everybody, and what nobody can tell."""

from typing import Final

from lampwatch.judge.rule import Rule
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.page import REFUSALS
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Layer, Mechanism, State

WebRule = Rule[WebFacts]

UNJUDGEABLE_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.unknown.not_measured",
        when=lambda web: web.nothing_measured,
        state=State.UNKNOWN,
        because="the measurement holds no observation of the site",
        rests_on=(),
    ),
    WebRule(
        id="web.unknown.nothing_worked",
        when=lambda web: not web.link_worked,
        state=State.UNKNOWN,
        because="nothing at all got an answer, so the probe's own link may have been dead",
        rests_on=("dns", "tcp"),
    ),
)

OK_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.ok.foreign_answer.page_is_right",
        layer=Layer.DNS,
        when=lambda web: (
            web.foreign_answer and not web.foreign_failed and (web.certified_page or web.same_page)
        ),
        state=State.OK,
        mechanism=Mechanism.DNS_SPOOF,
        because="the resolver gave addresses that no one else knows, yet the page that came is the right one: "
        "a proxy or a cache stands between",
        rests_on=("dns", "http", "control.dns", "control.http"),
    ),
    WebRule(
        id="web.ok.server_refuses_over_tls",
        layer=Layer.HTTP,
        when=lambda web: web.certified_page and web.refused_by_server and not web.same_page,
        state=State.OK,
        because="the server itself answered over TLS and turned the visitor away: its doing, not the network's",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.ok.page_over_tls",
        when=lambda web: web.certified_page,
        state=State.OK,
        because="the page came over TLS with a certificate that holds, so nobody on the way can have written it",
        rests_on=("http", "tls"),
    ),
    WebRule(
        id="web.ok.same_page_as_control",
        when=lambda web: web.same_page,
        state=State.OK,
        because="the control got the same page",
        rests_on=("http", "control.http"),
    ),
)

DOWN_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.down.name_gone",
        layer=Layer.DNS,
        when=lambda web: (web.nameless_outside or web.bogon_outside) and not web.worked_outside,
        state=State.DOWN,
        because="from outside too the name has no address, or one that no public server can have",
        rests_on=("dns", "control.dns"),
    ),
    WebRule(
        id="web.down.no_connection",
        layer=Layer.IP,
        when=lambda web: web.page is None and web.first.connect is not None and web.first.connect_outside is False
        and not web.worked_outside,
        state=State.DOWN,
        because="the site's addresses accept no connection on the port that was asked, from outside either",
        rests_on=("tcp", "control.tcp"),
    ),
    WebRule(
        id="web.down.handshake_fails",
        layer=Layer.TLS,
        when=lambda web: web.page is None and web.first.tls is not None and web.first.tls_outside is False
        and not web.worked_outside,
        state=State.DOWN,
        because="the handshake with the site fails from outside too",
        rests_on=("tls", "control.tls"),
    ),
    WebRule(
        id="web.down.no_page",
        layer=Layer.HTTP,
        when=lambda web: web.page is None and web.outside is not None and web.outside.http is not None
        and not web.worked_outside,
        state=State.DOWN,
        because="the control got no page either",
        rests_on=("http", "control.http"),
    ),
)  # fmt: skip

BROKEN_REDIRECT_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.down.broken_redirect_over_tls",
        layer=Layer.HTTP,
        when=lambda web: web.final is not None and web.final.over_tls
        and web.final.failure is Failure.HTTP_INVALID_REDIRECT and web.outside is not None,
        state=State.DOWN,
        because="the server sent, over TLS, a redirect that leads nowhere: nobody else can have written it",
        rests_on=("last.http",),
    ),
)  # fmt: skip

SUSPICIONS: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.unknown.foreign_answer",
        layer=Layer.DNS,
        when=lambda web: web.foreign_answer and web.page is None,
        state=State.UNKNOWN,
        mechanism=Mechanism.DNS_SPOOF,
        because="the resolver gave addresses that no one else knows",
        rests_on=("dns", "control.dns"),
    ),
)

UNKNOWN_RULES: Final[tuple[WebRule, ...]] = (
    WebRule(
        id="web.unknown.no_control",
        when=lambda web: web.outside is None,
        state=State.UNKNOWN,
        because="no control answered, so there is nothing to hold the probe's result against",
        rests_on=("http", "tls", "tcp", "dns"),
    ),
    WebRule(
        id="web.unknown.control_failed_too",
        when=lambda web: web.page is not None and not web.worked_outside,
        state=State.UNKNOWN,
        because="a page came unencrypted, and the control got none that it could be held against",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.unknown.server_refuses",
        layer=Layer.HTTP,
        when=lambda web: web.page is not None and web.page.status in REFUSALS,
        state=State.UNKNOWN,
        because="the response turns the visitor away, as a server's CAPTCHA or geo-block does and a censor may",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.unknown.another_page.same_server",
        layer=Layer.HTTP,
        when=lambda web: web.page is not None,
        state=State.UNKNOWN,
        because="an unencrypted page differs from the control's, but may well come from the site's own server",
        rests_on=("http", "control.http"),
    ),
    WebRule(
        id="web.unknown.unexplained",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the site could not be fetched, in a way that no rule can tell from an accident",
        rests_on=("http", "tls", "tcp", "dns"),
    ),
)
