"""Asking the control what it sees from where the censor is not (OONI's test-helper protocol)."""

from typing import Any, Final, Protocol

from lampwatch.probe.failed import Failed

YOUR_ADDRESS: Final = "X-Your-Address"
"""The header by which a control of ours tells an asker the address it is seen as."""


class Control(Protocol):
    """A control service."""

    @property
    def address(self) -> str:
        """Its URL, as written into measurements."""
        ...

    async def ask(self, question: dict[str, Any], *, timeout_s: float) -> dict[str, Any] | Failed:
        """What it sees. question and answer are the protocol's JSON objects."""
        ...
