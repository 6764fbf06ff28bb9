"""The rules on a web site in order, for every method whose target is one. The first that holds decides.

Order: what cannot be judged, then the name, then reaching the site, then its answer, then the host a redirect led to,
then what is well, then what is down for everybody, and at last what nobody can tell.
"""

from typing import Final

from lampwatch.judge.rule import Chapter, Rule, rules_of
from lampwatch.judge.web.dns import GIVES_ADDRESSES, Answered
from lampwatch.judge.web.dns_rules import FALSE_ADDRESS_RULES, FOREIGN_ADDRESS_RULES, NO_ADDRESS_RULES
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.outcome_rules import (
    BROKEN_REDIRECT_RULES,
    DOWN_RULES,
    OK_RULES,
    SUSPICIONS,
    UNJUDGEABLE_RULES,
    UNKNOWN_RULES,
)
from lampwatch.judge.web.page_rules import ANOTHER_PAGE_RULES, BROKEN_OFF_RULES, KNOWN_PAGE_RULES
from lampwatch.judge.web.redirect_rules import DENIED_REDIRECT_RULES, REDIRECT_RULES
from lampwatch.judge.web.transport_rules import CONNECT_RULES, TLS_RULES, UNCOMPARED_CONNECT_RULES

_DOUBTFUL_ADDRESS: Final = GIVES_ADDRESSES - {Answered.GENUINE, Answered.UNCOMPARED}
_NO_ADDRESS: Final = frozenset(Answered) - GIVES_ADDRESSES - {Answered.NOT_ASKED}
_DENIED: Final = _NO_ADDRESS | {Answered.BOGON}

WEB_BOOK: Final[tuple[Chapter[WebFacts], ...]] = (
    Chapter(lambda web: web.page is None, UNJUDGEABLE_RULES),
    Chapter(
        lambda web: web.outside is not None and web.first.system in _DOUBTFUL_ADDRESS, FALSE_ADDRESS_RULES
    ),
    Chapter(lambda web: web.outside is not None and web.first.system in _NO_ADDRESS, NO_ADDRESS_RULES),
    Chapter(
        lambda web: web.outside is not None and web.first.system in _DOUBTFUL_ADDRESS, FOREIGN_ADDRESS_RULES
    ),
    Chapter(lambda web: web.first.connect is not None, CONNECT_RULES),
    Chapter(lambda web: web.first.tls is not None, TLS_RULES),
    Chapter(lambda web: web.first.connect is not None, UNCOMPARED_CONNECT_RULES),
    Chapter(lambda web: web.known_page is not None and not web.certified_page, KNOWN_PAGE_RULES),
    Chapter(lambda web: web.page is None and web.worked_outside, BROKEN_OFF_RULES),
    Chapter(lambda web: web.page is not None and not web.certified_page, ANOTHER_PAGE_RULES),
    Chapter(lambda web: web.redirected and web.page is None and web.worked_outside, REDIRECT_RULES),
    Chapter(
        lambda web: (
            web.redirected and web.page is not None and web.worked_outside and web.last.system in _DENIED
        ),
        DENIED_REDIRECT_RULES,
    ),
    Chapter(lambda web: web.page is not None, OK_RULES),
    Chapter(lambda web: web.page is None and web.outside is not None and not web.worked_outside, DOWN_RULES),
    Chapter(lambda web: web.page is None and web.outside is not None, BROKEN_REDIRECT_RULES),
    Chapter(lambda web: web.foreign is not None and web.page is None, SUSPICIONS),
    Chapter(lambda _: True, UNKNOWN_RULES, last_resort=True),
)
WEB_RULES: Final[tuple[Rule[WebFacts], ...]] = rules_of(WEB_BOOK)
