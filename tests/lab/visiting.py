"""Labs for tests, and visits by plain clients inside them."""

import json
import sys
from pathlib import Path
from typing import Any

from lampwatch.lab.block import Action, Block, Match
from lampwatch.lab.sandbox import Sandbox
from lampwatch.lab.scenario import Stage, Topology
from lampwatch.lab.world import World

VISIT = Path(__file__).with_name("visit.py")
LONG_S = 60
FREE_IP, BLOCKED_IP = "93.184.216.40", "93.184.216.34"


class Visitor:
    """The client of a freshly built lab."""

    def __init__(self, sandbox: Sandbox, stage: Stage) -> None:
        self.sandbox = sandbox
        self.view = sandbox.build(stage)

    def visit(self, *words: str, outside: bool = False) -> dict[str, Any]:
        """One visit: {"got": …} or {"failure": …}, with the seconds it took."""
        ran = self.sandbox.run([sys.executable, str(VISIT), *words], timeout_s=LONG_S, outside=outside)
        assert ran.status == 0, ran.stderr.decode()
        told = json.loads(ran.stdout)
        assert isinstance(told, dict)
        return told

    def visits(self, *jobs: list[str]) -> list[dict[str, Any]]:
        """Several visits in one program."""
        told = self.visit("many", *(json.dumps(job) for job in jobs))
        return list(told["got"])

    def page(self, url: str, address: str, *how: str) -> list[str]:
        return ["web", url, address, self.view.ca_file, *how]

    def blocked(self, *how: str, scheme: str = "https") -> dict[str, Any]:
        return self.visit(*self.page(f"{scheme}://blocked.test/", BLOCKED_IP, *how))

    def free(self, *how: str, scheme: str = "https") -> dict[str, Any]:
        return self.visit(*self.page(f"{scheme}://free.test/", FREE_IP, *how))

    def both(self, *how: str, scheme: str = "https") -> tuple[Any, Any]:
        """What happens at the blocked site, and at the free one: a status or the failure's name."""
        told = self.visits(
            self.page(f"{scheme}://blocked.test/", BLOCKED_IP, *how),
            self.page(f"{scheme}://free.test/", FREE_IP, *how),
        )
        blocked, free = (said.get("failure") or said["got"]["status"] for said in told)
        return blocked, free

    def fired(self) -> int:
        (count,) = self.sandbox.fired()
        return count


def stage(
    match: Match | None = None,
    action: Action | None = None,
    *,
    hop: int = 1,
    residual_s: float = 0.0,
    from_s: float = 0.0,
    topology: Topology | None = None,
    world: World | None = None,
) -> Stage:
    """A stage with one block, or none."""
    censor = (
        (Block(match, action, hop, residual_s, from_s),) if match is not None and action is not None else ()
    )
    return Stage(topology or Topology(hops=2), world or World(), censor)
