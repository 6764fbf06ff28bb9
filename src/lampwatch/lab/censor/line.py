"""A bad line: every packet waits, and some are lost. Not censorship, but what censorship is mistaken for."""

import random
from typing import Final

from lampwatch.lab.netns import iptables
from lampwatch.lab.nfqueue import ACCEPT, DROP, PacketQueue, Ruling
from lampwatch.lab.scenario import Topology

_QUEUE: Final = 2
_SEED: Final = 20220105


def is_bad(topology: Topology) -> bool:
    """Whether a topology asks for delay or loss at all."""
    return bool(topology.delay_ms or topology.loss or topology.jitter_ms)


class Line:
    """Delays and loses the packets that pass a router, in both directions, alike in every run."""

    def __init__(self, router: str, topology: Topology) -> None:
        chance = random.Random(_SEED)  # noqa: S311  a line that is bad in the same way each time

        def rule(_raw: bytes) -> Ruling:
            if chance.random() < topology.loss:
                return DROP
            one_way_ms = topology.delay_ms / 2 + chance.uniform(0, topology.jitter_ms)
            return Ruling(accept=True, after_s=one_way_ms / 1000) if one_way_ms else ACCEPT

        self._queue = PacketQueue(router, _QUEUE, rule)
        # In the mangle table, so that what waited here still passes the censor's rules in the filter table.
        iptables(
            router,
            "-t",
            "mangle",
            "-A",
            "FORWARD",
            "-j",
            "NFQUEUE",
            "--queue-num",
            str(_QUEUE),
            "--queue-bypass",
        )

    def close(self) -> None:
        """Stop; the router's rule goes with its namespace."""
        self._queue.close()
