"""Telegram's rule books: one for the servers that the app talks to, one for the web site."""

from collections.abc import Iterable
from typing import Final

from lampwatch.formats.names import is_address, url_parts
from lampwatch.judge.endpoint_rules import CAUSES, LAST_WORDS, NOT_MEASURED, PARTS, SITE, of_kind
from lampwatch.judge.endpoints import Endpoints, Steps, steps_of
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.judge.seen import Seen
from lampwatch.model.failure import Failure
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Evidence, Layer, Mechanism, State

TARGET: Final = "telegram"
WEB: Final = "web.telegram.org"
NETWORKS: Final = frozenset({62041, 62014, 59930, 44907, 211157})
"""Telegram's own networks, in which its web site has always been."""
SERVERS: Final = frozenset(
    {
        "149.154.175.50",
        "149.154.167.51",
        "149.154.175.100",
        "149.154.167.91",
        "149.154.171.5",
        "95.161.76.100",
    }
)
"""The servers that every version of the test tries; those that a version adds are told by its requests."""
_PORTS: Final = frozenset({80, 443})
_USUAL: Final = frozenset({400, 404, 411, 501})
"""How Telegram's servers have answered a bare POST over the years."""


class App(Endpoints, frozen=True, kw_only=True):
    """The app's servers. redirected is true where every response pointed elsewhere, which Telegram's never do."""

    redirected: bool


OF_APP: Final = (
    Rule[App](
        id="telegram.app.block_page",
        when=lambda app: app.page is not None,
        state=State.BLOCKED,
        layer=Layer.HTTP,
        mechanism=Mechanism.HTTP_BLOCK_PAGE,
        evidence=Evidence.DIRECT,
        because="every answer in the place of Telegram's servers is a known block page",
        rests_on=("http",),
    ),
    Rule[App](
        id="telegram.app.redirected",
        when=lambda app: app.redirected,
        state=State.UNKNOWN,
        because="every answer redirects, which Telegram's servers never do: a captive portal or an unknown block page",
        rests_on=("http",),
    ),
    Rule[App](
        id="telegram.app.answers",
        when=lambda app: app.http.worked > 0,
        state=State.OK,
        because="at least one of Telegram's servers answered a request",
        rests_on=("http",),
    ),
)
APP: Final = (
    *of_kind((NOT_MEASURED,), App),
    *OF_APP,
    *of_kind((*CAUSES, *PARTS, *LAST_WORDS), App),
)
RULES: Final = (*OF_APP, *SITE)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict for the app's servers, and one for the web site where it was tried."""
    seen = Seen(observations.probe, references, measurement.probe_cc, asn=measurement.probe_asn)
    verdicts = [decide(APP, _app(seen))]
    site = seen.site(WEB, NETWORKS)
    if site.measured:
        verdicts.append(decide(SITE, site))
    return verdicts


def _app(seen: Seen) -> App:
    servers = SERVERS.union([host for host in seen.http if host not in SERVERS and is_address(host)])
    tcp = seen.connects(servers, _PORTS)
    places = sorted([n for host in servers for n in seen.http.get(host, ())])
    http = _exchanges(
        seen,
        places,
        connected={(c.ip, c.port) for n in tcp.numbers if (c := seen.facts.tcp[n]).failure is None}
        if tcp.tried
        else None,
    )
    statuses = {seen.facts.http[n].status for n in http.numbers} - {0}
    # Known answers are no block page, and comparing is dear.
    page = None if statuses & _USUAL or not statuses else seen.block_page(http.numbers)
    return App(
        target=TARGET,
        at=TARGET,
        link=seen.link,
        tcp=tcp,
        http=http,
        page=page,
        redirected=bool(statuses) and all(300 <= status < 400 for status in statuses),  # noqa: PLR2004  by RFC 9110
    )


def _exchanges(seen: Seen, places: Iterable[int], connected: set[tuple[str, int]] | None) -> Steps:
    """The exchanges with servers that could be connected to, all where connects were not recorded.

    Any response is a success: it came from a server that the app could talk to.
    """
    outcomes: list[tuple[int, Failure | None]] = []
    for n in places:
        exchange = seen.facts.http[n]
        url = url_parts(exchange.url)
        if exchange.status > 0:
            outcomes.append((n, None))
        elif connected is None or (url.host, url.port) in connected:
            outcomes.append((n, exchange.failure or Failure.UNKNOWN))
    return steps_of("http", outcomes)
