"""Incidents of both kinds as detection finds them, and their revisions, for tests of what persons sign."""

from typing import Any

import msgspec

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope, Step
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.model.signoff import Decision, SignOff
from lampwatch.model.vocabulary import Mechanism

HOUR = 3600
ONSET = 1_641_384_000
NAME = "kz-1"

_COMMON: dict[str, Any] = {
    "id": NAME,
    "country": "KZ",
    "entities": ("KZ",),
    "onset": Event(Turn.ONSET, ONSET, ONSET - 300, ONSET + 300, ONSET + HOUR),
    "end": None,
    "until": ONSET + 9 * HOUR,
    "level": Level.CORROBORATED,
    "steps": (Step(ONSET + HOUR, Level.SIGNAL), Step(ONSET + 3 * HOUR, Level.CORROBORATED)),
    "probability": 0.97,
    "against": (),
    "confirmable": True,
}


def blocked(**changes: Any) -> BlockingIncident:
    """Telegram, blocked on three networks by resets, that a person may confirm."""
    incident = BlockingIncident(
        **_COMMON,
        scope=Scope.NETWORKS,
        services=("telegram",),
        targets=("telegram",),
        category="COMT",
        networks=(9198, 21299, 29355),
        measured=(9198, 21299, 29355, 48503),
        share=0.7,
        mechanisms=(Mechanism.TLS_SNI_RESET,),
        fingerprints=(),
        blocks=(),
    )
    return msgspec.structs.replace(incident, **changes)


def dark(**changes: Any) -> ConnectivityIncident:
    """A country without the Internet, that a person may confirm."""
    incident = ConnectivityIncident(
        **_COMMON,
        scope=Scope.COUNTRY,
        direction=Direction.DROP,
        depth=0.95,
        share=0.9,
        deliberate=0.9,
        reasons=(),
        parts=(),
    )
    return msgspec.structs.replace(incident, **changes)


def revision(incident: AnyIncident, number: int = 1, status: Status = Status.ONGOING) -> Revision:
    """What was said of an incident."""
    return Revision(incident, number, ONSET + number, ONSET + number, status, "first seen", "1")


def signed(decision: Decision, number: int = 1, **changes: Any) -> SignOff:
    """What Aida signed of a revision."""
    return msgspec.structs.replace(
        SignOff(
            incident=NAME,
            revision=number,
            decision=decision,
            by="Aida",
            at=ONSET + 10 * HOUR,
            because="two operators told us",
            key="0",
            previous="",
        ),
        **changes,
    )
