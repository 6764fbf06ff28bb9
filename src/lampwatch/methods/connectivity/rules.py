"""The rule book of connectivity: one verdict on the Internet as a whole. README.md says why none of it accuses."""

from collections.abc import Iterable
from typing import Final

import msgspec

from lampwatch.formats.names import is_bogon, url_parts
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.methods.connectivity.extract import NO_LINK
from lampwatch.methods.connectivity.places import NAMES, OUTSIDE, PORTAL_PAGES, domestic
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, HttpExchange, Observations, Witness, witnessed
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Control, Layer, State

TARGET: Final = "internet"
_MOST_WITNESSES: Final = 16


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is left. Each group is the witnesses of its tries; reached ones are those that worked."""

    link: bool
    portal: tuple[Witness, ...]
    """Exchanges in which a page that everybody knows was another one."""
    outside: tuple[Witness, ...]
    outside_reached: tuple[Witness, ...]
    names: tuple[Witness, ...]
    names_found: tuple[Witness, ...]
    home_reached: tuple[Witness, ...]
    target: str = TARGET
    control: Control = Control.ABSENT

    def hostname(self, group: str) -> str:  # noqa: ARG002  every facts class is asked by group
        """The target's own."""
        return ""

    def fingerprint(self, group: str) -> str:  # noqa: ARG002  as above
        """None: portals are told by what they are not."""
        return ""

    def witnesses(self, group: str) -> tuple[Witness, ...]:
        """The observations of a group."""
        groups: dict[str, tuple[Witness, ...]] = {
            "portal": self.portal,
            "outside": self.outside,
            "outside_reached": self.outside_reached,
            "names": self.names,
            "names_found": self.names_found,
            "home_reached": self.home_reached,
        }
        return groups.get(group, ())[:_MOST_WITNESSES]


LeftRule = Rule[Left]

RULES: Final = (
    LeftRule(
        id="connectivity.no_link",
        when=lambda left: not left.link,
        state=State.UNKNOWN,
        because="the machine has no route to the Internet: its own link is down",
        rests_on=(),
    ),
    LeftRule(
        id="connectivity.captive_portal",
        when=lambda left: bool(left.portal) and not left.outside_reached,
        state=State.UNKNOWN,
        layer=Layer.HTTP,
        because="a page that everybody knows was another one: a captive portal holds this network",
        rests_on=("portal",),
    ),
    LeftRule(
        id="connectivity.online",
        when=lambda left: bool(left.outside_reached and (left.names_found or not left.names)),
        state=State.OK,
        because="servers of several operators were reached, and names were found",
        rests_on=("outside_reached", "names_found"),
    ),
    LeftRule(
        id="connectivity.resolver_dead",
        when=lambda left: bool(left.outside_reached),
        state=State.UNKNOWN,
        layer=Layer.DNS,
        because="servers outside were reached by address, but no renowned name was found: the resolver is dead",
        rests_on=("names", "outside_reached"),
    ),
    LeftRule(
        id="connectivity.outside_gone",
        when=lambda left: bool(left.outside and left.home_reached),
        state=State.UNKNOWN,
        layer=Layer.IP,
        because="only domestic sites answer, and nothing outside does: a shutdown, or the lines abroad are cut",
        rests_on=("outside", "home_reached"),
    ),
    LeftRule(
        id="connectivity.everything_gone",
        when=lambda left: bool(left.outside),
        state=State.UNKNOWN,
        layer=Layer.IP,
        because="there is a link, and nothing whatever answers over it: a shutdown, or this line alone",
        rests_on=("outside",),
    ),
    LeftRule(
        id="connectivity.not_measured",
        when=lambda _: True,
        state=State.UNKNOWN,
        because="the measurement ended before anything outside was tried",
        rests_on=(),
    ),
)


def assess(measurement: Measurement, observations: Observations, _references: References) -> list[Verdict]:
    """One verdict, on the Internet."""
    facts = observations.probe
    home = frozenset(domestic(measurement.input))
    outside = [n for n, shake in enumerate(facts.handshakes) if shake.ip in OUTSIDE]
    untold = [n for n, connect in enumerate(facts.tcp) if connect.ip in OUTSIDE and connect.failure]
    names = [n for n, asked in enumerate(facts.dns) if asked.hostname in NAMES]
    return [
        decide(
            RULES,
            Left(
                link=NO_LINK not in observations.notes,
                portal=_seen("http", [n for n, page in enumerate(facts.http) if _foreign(page)]),
                outside=(*_seen("handshake", outside), *_seen("tcp", untold)),
                outside_reached=_seen("handshake", [n for n in outside if _worked(facts, n)]),
                names=_seen("dns", names),
                names_found=_seen("dns", [n for n in names if _found(facts, n)]),
                home_reached=_seen(
                    "handshake",
                    [
                        n
                        for n, s in enumerate(facts.handshakes)
                        if s.server_name in home and _worked(facts, n)
                    ],
                ),
            ),
        )
    ]


def _seen(kind: str, places: Iterable[int]) -> tuple[Witness, ...]:
    return tuple(witnessed("probe", kind, n) for n in places)


def _worked(facts: Facts, n: int) -> bool:
    """Whether a handshake was completed with a right certificate, which no portal has."""
    shake = facts.handshakes[n]
    return shake.failure is None and shake.verified


def _found(facts: Facts, n: int) -> bool:
    return facts.dns[n].failure is None and any(not is_bogon(answer) for answer in facts.dns[n].answers)


def _foreign(page: HttpExchange) -> bool:
    """Whether a page fetched to detect portals came back as another one."""
    parts = url_parts(page.url)
    known = next((known for url, known in PORTAL_PAGES.items() if url_parts(url).host == parts.host), None)
    if known is None or page.failure is not None or not page.status:
        return False
    status, text = known
    return page.status != status or text not in page.body
