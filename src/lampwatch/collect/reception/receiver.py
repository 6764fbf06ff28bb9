"""What stands behind the door: whoever keeps documents, and what it says of each."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec


class Status(StrEnum):
    """What became of a document. stored and already both mean: durable, and never to be sent again."""

    STORED = "stored"
    ALREADY = "already"
    REFUSED = "refused"


class Receipt(msgspec.Struct, frozen=True):
    """What is said of one durable document.

    uid is the measurement's name; empty where the document is none. It is then kept all the same, and reason says in
    one line why it is set aside.
    """

    status: Status
    uid: str
    reason: str = ""


class UnavailableError(Exception):
    """Nothing of what was handed over counts, for no fault of its sender: try again in retry_after_s seconds."""

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s


class Receiver(Protocol):
    """Keeps documents."""

    async def receive(self, documents: Sequence[bytes], /) -> Sequence[Receipt]:
        """Keep documents, each on one line, and give a receipt for each, in order, once all of them are durable.

        Raises UnavailableError where that cannot be done now; any of them may be handed over again.
        """
        ...
