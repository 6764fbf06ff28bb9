"""What is to be said, and what things are called."""

from collections.abc import Mapping

import msgspec

from lampwatch.model.revision import AnyIncident, Revision, Status


class Said(msgspec.Struct, frozen=True):
    """An incident and how it stands.

    reason says why it was retracted, as a clause; empty where later values just do not show it any more.
    """

    incident: AnyIncident
    status: Status = Status.ONGOING
    reason: str = ""

    @classmethod
    def of(cls, revision: Revision) -> "Said":
        """What a revision says."""
        return cls(revision.incident, revision.status, revision.reason)

    @property
    def insufficient(self) -> bool:
        """Whether what was measured lies below the evidence floor.

        Somebody else's claim, which rests on no measurement of ours, is `reported`, and not that.
        """
        return self.incident.insufficient and bool(_measured(self.incident))


def _measured(incident: AnyIncident) -> tuple[object, ...]:
    return (
        getattr(incident, "parts", ()) or getattr(incident, "blocks", ()) or getattr(incident, "measured", ())
    )


class Names(msgspec.Struct, frozen=True):
    """What people call things: services and targets by their names, networks by their numbers.

    What is not named is printed as it is: a target by its name, a network as `AS9198`.
    """

    targets: Mapping[str, str] = {}
    networks: Mapping[int, str] = {}
