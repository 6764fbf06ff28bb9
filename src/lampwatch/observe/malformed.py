"""The one way to say that a document cannot be observed."""

from lampwatch.model.measurement import Reason


class MalformedError(Exception):
    """The document is not usable as it stands; reason says which way, detail where in it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
