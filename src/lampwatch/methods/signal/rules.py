"""Signal's rule book.

Signal has several servers with several tasks, and has moved them: to a new certificate authority in October 2022, off
two names in 2023. Probes of that time then failed everywhere, which the rules tell from blocking (README.md).
"""

import datetime as dt
from collections.abc import Mapping
from typing import Final

from lampwatch.judge.endpoint_rules import CAUSES, LAST_WORDS, NOT_MEASURED, of_kind
from lampwatch.judge.endpoints import CERTIFICATE_FAILURES, Endpoints
from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.judge.seen import Seen
from lampwatch.methods.signal.extract import OWN_AUTHORITY
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State

TARGET: Final = "signal"
MESSAGES: Final = ("chat.signal.org", "textsecure-service.whispersystems.org")
"""The server that carries the messages: today's name, and the one before."""
STATUS: Final = "uptime.signal.org"
"""Signal's own word on itself, as an address: 127.0.0.1 for well, 127.0.0.2 for an outage."""
OUTAGE: Final = "127.0.0.2"
RETIRED: Final[Mapping[str, dt.datetime]] = {
    "api.directory.signal.org": dt.datetime(2023, 5, 1),  # noqa: DTZ001  start times are UTC without a zone
    "textsecure-service.whispersystems.org": dt.datetime(2023, 11, 7),  # noqa: DTZ001  start times are UTC, no zone
}
"""Names that Signal gave up, and since when a probe that still tries them says nothing by it."""
NEW_AUTHORITY: Final = dt.datetime(2022, 10, 19)  # noqa: DTZ001  start times are UTC without a zone
"""Since when Signal's servers show certificates of an authority that tests before NEW_PINS do not know."""
NEW_PINS: Final = (0, 2, 2)
_SUFFIXES: Final = (".signal.org", ".whispersystems.org")


class Signal(Endpoints, frozen=True, kw_only=True):
    """The facts of the server that decides, and how all of them did.

    The server that decides is the one for messages where it failed, else one that failed, else the one for messages.
    tried and worked count servers in use. messages_tried and messages_worked are about the one for messages. doubtful
    is true where the deciding server failed by its certificate alone, and the probe may have been the one in error.
    outage is true where Signal itself says that it is down.
    """

    tried: int
    worked: int
    messages_tried: bool
    messages_worked: bool
    doubtful: bool
    outage: bool


OWN: Final = (
    Rule[Signal](
        id="signal.all_answer",
        when=lambda app: app.tried == app.worked and app.messages_worked,
        state=State.OK,
        because="all servers that were tried answered, with certificates in order",
        rests_on=("http", "tls"),
    ),
    Rule[Signal](
        id="signal.messages_not_measured",
        when=lambda app: app.worked > 0 and not app.messages_tried,
        state=State.UNKNOWN,
        because="servers of Signal answered, but the one for messages was not tried under the name it has",
        rests_on=("http", "tls"),
    ),
    Rule[Signal](
        id="signal.some_fail",
        when=lambda app: app.messages_worked and app.worked < app.tried,
        state=State.UNKNOWN,
        because="the server for messages answered, and another of Signal's servers did not",
        rests_on=("http", "tls", "tcp", "dns"),
    ),
    Rule[Signal](
        id="signal.outage_announced",
        when=lambda app: app.outage,
        state=State.DOWN,
        because="Signal itself says, by the address of its status name, that it has an outage",
        rests_on=("dns",),
    ),
    Rule[Signal](
        id="signal.certificate_doubtful",
        when=lambda app: app.doubtful,
        state=State.UNKNOWN,
        because="the certificate may well be Signal's own, and the probe's list of authorities too old to know it",
        rests_on=("tls",),
    ),
)
RULES: Final = (*of_kind((NOT_MEASURED,), Signal), *OWN, *of_kind((*CAUSES, *LAST_WORDS), Signal))


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict for the service."""
    seen = Seen(observations.probe, references, measurement.probe_cc, asn=measurement.probe_asn)
    servers = [
        server
        for host in _hosts(seen)
        if not (host in RETIRED and measurement.start_time >= RETIRED[host])
        and (server := seen.site(host)).measured
    ]
    own = frozenset(observations.notes.get(OWN_AUTHORITY, "").split())
    doubted = {
        server.at for server in servers if _doubtful(server, seen, own, old=_has_old_pins(measurement))
    }
    return [decide(RULES, _facts(servers, doubted, seen))]


def _hosts(seen: Seen) -> list[str]:
    hosts = dict.fromkeys([*MESSAGES, *seen.http, *seen.tls, *seen.lookups])
    return [host for host in hosts if host.endswith(_SUFFIXES) and host != STATUS]


def _has_old_pins(measurement: Measurement) -> bool:
    if measurement.start_time < NEW_AUTHORITY:
        return False
    parts = measurement.method_version[:32].split(".")
    return tuple([int(part) if part.isascii() and part.isdigit() else 0 for part in parts]) < NEW_PINS


def _doubtful(server: Endpoints, seen: Seen, own: frozenset[str], *, old: bool) -> bool:
    """Whether a server failed by its certificate alone, and it is not plain that the certificate was a stranger's."""
    if not server.tls.all_failed or not CERTIFICATE_FAILURES.issuperset(server.tls.failures):
        return False
    # Without the certificate nobody can say whose it was. A forger may write Signal's name into his own: then this
    # says unknown where it was interception, and the other servers and layers still speak.
    shown = any(seen.facts.handshakes[n].certificate for n in seen.tls.get(server.at, ()))
    return old or server.at in own or not shown


def _facts(servers: list[Endpoints], doubted: set[str], seen: Seen) -> Signal:
    failed = [server for server in servers if not server.http.worked]
    messages = [server for server in servers if server.at in MESSAGES]
    messages_failed = [server for server in messages if not server.http.worked]
    plain = [server for server in failed if server.at not in doubted]
    ranked = [server for server in messages_failed if server.at not in doubted]
    if len(failed) == len(servers):
        ranked += plain
    ranked += [*messages_failed, *failed, *messages, *servers]
    lead = ranked[0] if ranked else Endpoints(target=TARGET, at=TARGET, link=seen.link)
    status = [seen.facts.dns[n] for n in seen.lookups.get(STATUS, ())]
    return Signal(
        target=TARGET,
        at=lead.at,
        link=seen.link,
        dns=lead.dns,
        tcp=lead.tcp,
        tls=lead.tls,
        http=lead.http,
        tried=len(servers),
        worked=len(servers) - len(failed),
        messages_tried=bool(messages),
        messages_worked=len(messages) > len(messages_failed),
        doubtful=lead.at in doubted,
        outage=any(OUTAGE in lookup.answers for lookup in status),
    )
