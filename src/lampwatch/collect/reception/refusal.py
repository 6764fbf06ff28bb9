"""The one exception for what a sender did wrong."""


class RefusedError(Exception):
    """The request is answered with this status and this one line, and nothing of it is kept."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
