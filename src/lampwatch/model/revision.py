"""Revisions: what was said of an incident, and when; never changed, only followed by another."""

from enum import StrEnum

import msgspec

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident


class Status(StrEnum):
    """How an incident stands.

    ongoing       it lasts, as far as is known
    restored      its end was seen
    inconclusive  it had not ended when the series that show it fell silent
    retracted     with what is known now it is none; it stays listed, with the reason
    """

    ONGOING = "ongoing"
    RESTORED = "restored"
    INCONCLUSIVE = "inconclusive"
    RETRACTED = "retracted"


AnyIncident = ConnectivityIncident | BlockingIncident
"""An incident of either kind, as the log keeps it."""


class Inputs(msgspec.Struct, frozen=True):
    """What a revision rests on, by name; empty where it rests on none of the kind.

    until is the end of the latest value or hour that was looked at, in seconds since 1970 (UTC). rules is the version
    of the rules of judging, fingerprints and networks are those of the reference data.
    """

    until: int = 0
    rules: str = ""
    fingerprints: str = ""
    networks: str = ""


class Revision(msgspec.Struct, frozen=True):
    """What was known of an incident at a time.

    number counts from 1 for each incident. made_at is when it was said, as_of up to when values had arrived; both in
    seconds since 1970 (UTC). because tells what changed, in a sentence. detector is the version of the rules of
    detection. reason is why a person retracted it, in that person's words; empty where nobody did.
    """

    incident: AnyIncident
    number: int
    made_at: int
    as_of: int
    status: Status
    because: str
    detector: str
    inputs: Inputs = Inputs()
    reason: str = ""
