import pytest

from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Control, Mechanism, State
from tests.judge.web.stories import (
    FORGED,
    HTTP,
    HTTPS,
    SITE,
    Case,
    Story,
    block_page,
    connect,
    control,
    lookup,
    page,
    shake,
)

NOTHING = Story(dns=(), tcp=())
DEAD_LINK = Story(dns=(lookup(failure=Failure.TIMEOUT),), tcp=())
FOREIGN_PAGE = Story(
    url=HTTP,
    dns=(lookup(FORGED), lookup(SITE, engine="udp")),
    tcp=(connect(FORGED, 80),),
    http=(page(ip=FORGED),),
)
OVER_TLS = Story(tls=(shake(),), http=(page(HTTPS, title="Other", length=10),))
REFUSED_TLS = OVER_TLS.but(http=(page(HTTPS, status=403, title="Other", length=10),))
SAME = Story(url=HTTP, tcp=(connect(port=80),), http=(page(),))
DIFFERENT = SAME.but(http=(block_page(),))
GONE = Story(
    dns=(lookup(failure=Failure.DNS_NXDOMAIN),),
    tcp=(),
    outside=control(dns_failure=Failure.DNS_NXDOMAIN, failure=Failure.DNS_NXDOMAIN),
)
UNCONNECTED = Story(
    tcp=(connect(failure=Failure.CONNECTION_REFUSED),),
    outside=control(
        SITE, tcp=(connect(failure=Failure.CONNECTION_REFUSED),), failure=Failure.CONNECTION_REFUSED
    ),
)
BAD = Failure.TLS_INVALID_CERTIFICATE
UNSHAKEN = Story(tls=(shake(failure=BAD),), outside=control(SITE, tls=(shake(failure=BAD),), failure=BAD))
NO_PAGE = Story(outside=control(SITE, failure=Failure.TIMEOUT))
BROKEN = Story(
    tls=(shake(),),
    http=(page(HTTPS, status=302, length=0, failure=Failure.HTTP_INVALID_REDIRECT, location="https://"),),
)
SAME_SERVER = DIFFERENT.but(
    http=(page(title="Other", length=10, server="nginx"),), outside=control(SITE, server="nginx")
)
TURNED_AWAY = DIFFERENT.but(http=(page(title="Other", status=403, length=10),))
ALONE = Story(dns=(lookup(FORGED), lookup(SITE, engine="udp")), tcp=())
UNEXPLAINED = Story(tcp=(), http=())

CASES = [
    Case("web.unknown.not_measured", NOTHING, NOTHING.but(dns=(lookup(SITE),))),
    Case("web.unknown.nothing_worked", DEAD_LINK, DEAD_LINK.but(dns=(lookup(SITE),))),
    Case("web.ok.foreign_answer.page_is_right", FOREIGN_PAGE, FOREIGN_PAGE.but(dns=(lookup(SITE),))),
    Case("web.ok.server_refuses_over_tls", REFUSED_TLS, OVER_TLS),
    Case("web.ok.page_over_tls", OVER_TLS, OVER_TLS.but(http=(page(HTTP, title="Other", length=10),))),
    Case("web.ok.same_page_as_control", SAME, DIFFERENT),
    Case("web.down.name_gone", GONE, GONE.but(outside=control(SITE))),
    Case("web.down.no_connection", UNCONNECTED, UNCONNECTED.but(outside=control(SITE))),
    Case("web.down.handshake_fails", UNSHAKEN, UNSHAKEN.but(outside=control(SITE))),
    Case("web.down.no_page", NO_PAGE, NO_PAGE.but(outside=control(SITE))),
    Case("web.down.broken_redirect_over_tls", BROKEN, BROKEN.but(outside=None)),
    Case("web.unknown.no_control", SAME.but(outside=None), SAME),
    Case(
        "web.unknown.control_failed_too",
        DIFFERENT.but(outside=control(SITE, failure=Failure.TIMEOUT)),
        DIFFERENT,
    ),
    Case("web.unknown.server_refuses", TURNED_AWAY, DIFFERENT),
    Case("web.unknown.another_page.same_server", SAME_SERVER, SAME_SERVER.but(http=())),
    Case("web.unknown.foreign_answer", ALONE, ALONE.but(dns=(lookup(SITE),))),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_smallest_story_that_fires_it(case: Case) -> None:
    assert case.fires.verdict().rule_id == case.rule


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_fact_changed_and_it_does_not_hold(case: Case) -> None:
    assert case.rule not in case.just_not.held()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_none_of_these_accuses_anybody(case: Case) -> None:
    assert case.fires.verdict().state is not State.BLOCKED


def test_the_last_word_is_that_nobody_can_tell() -> None:
    # web.unknown.unexplained always holds: it decides where no other rule does, and can have no story in which it
    # does not hold.
    assert UNEXPLAINED.verdict().rule_id == "web.unknown.unexplained"
    assert SAME.verdict().rule_id != "web.unknown.unexplained"


def test_tampered_dns_shows_beside_a_page_that_is_right() -> None:
    verdict = FOREIGN_PAGE.verdict()
    assert (verdict.state, verdict.mechanism) == (State.OK, Mechanism.DNS_SPOOF)


@pytest.mark.parametrize(
    ("story", "control_said"),
    [(SAME, Control.WORKED), (NO_PAGE, Control.FAILED), (SAME.but(outside=None), Control.ABSENT)],
)
def test_three_answers_of_the_control_are_three_answers(story: Story, control_said: Control) -> None:
    assert story.verdict().control is control_said
