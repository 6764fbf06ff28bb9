"""Signal: a GET from each server its app needs, with its own authority known. Facts only (OONI ts-029)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lampwatch.model.failure import Failure
from lampwatch.probe.http import Request
from lampwatch.probe.kit import Kit
from lampwatch.probe.trust import Trust
from lampwatch.probe.visit import addresses_of, ask_for_a_neutral_name, no_input, visit

TEST_NAME: Final = "signal"
TEST_VERSION: Final = "0.2.5"

SERVERS: Final = ("chat.signal.org", "cdsi.signal.org", "storage.signal.org", "sfu.voip.signal.org")
STATUS: Final = "uptime.signal.org"
AUTHORITIES: Final = Path(__file__).with_name("authorities.pem")


class SignalTrust(Trust):
    """Believes Signal's own authority, and beside it whoever is believed anyway, as OONI's test does."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(AUTHORITIES.read_bytes(), kit.clock.utc)
        self._usual = kit.trust

    def refusal(self, chain: Sequence[bytes], server_name: str) -> Failure | None:
        """Why neither believes a chain; None where one does. Signal's own word is told where both refuse."""
        refused = super().refusal(chain, server_name)
        return refused and self._usual.refusal(chain, server_name) and refused


async def measure(kit: Kit, target: str) -> dict[str, Any]:
    """Ask all servers side by side, and look up what Signal says of itself. This method has no input.

    Returns test_keys as ts-029 has them; its signal_* keys, which are conclusions, are null.
    """
    no_input(target)
    trust = SignalTrust(kit)
    async with asyncio.TaskGroup() as group:
        group.create_task(ask_for_a_neutral_name(kit))
        for host in SERVERS:
            group.create_task(visit(kit, Request(scheme="https", host=host), host, trust=trust))
        group.create_task(addresses_of(kit, STATUS, STATUS))
    return {**kit.record.test_keys(), "signal_backend_status": None, "signal_backend_failure": None}
