"""What all techniques have in common: they can be applied and lifted, and they count what they did."""

import json
from abc import ABC, abstractmethod

from lampwatch.lab.netns import command, nft, within


class Fitting(ABC):
    """One block, made real at one router. Applying twice, or lifting what is not applied, is not done."""

    @abstractmethod
    def apply(self) -> None:
        """Begin to censor."""

    @abstractmethod
    def lift(self) -> None:
        """Cease to."""

    @abstractmethod
    def fired(self) -> int:
        """How often it has acted since the lab was built."""


class NftFitting(Fitting):
    """Rules in an nft table of their own, with one counter named `fired`."""

    def __init__(self, router: str, table: str, chains: str) -> None:
        self._router = router
        self._table = table
        self._chains = chains
        self._on = False
        self._before = 0

    def apply(self) -> None:
        """Load the table."""
        nft(self._router, f"table inet {self._table} {{\n counter fired {{\n }}\n{self._chains}\n}}\n")
        self._on = True

    def lift(self) -> None:
        """Delete the table, and remember what it counted."""
        self._before = self.fired()
        self._on = False
        nft(self._router, f"delete table inet {self._table}\n")

    def fired(self) -> int:
        """How many packets the counter saw."""
        if not self._on:
            return self._before
        listed = within(
            self._router, lambda: command("nft", "-j", "list", "counters", "table", "inet", self._table)
        )
        return self._before + sum(
            int(entry["counter"]["packets"]) for entry in json.loads(listed)["nftables"] if "counter" in entry
        )


def forward_chain(*rules: str) -> str:
    """An nft chain that sees all that passes the router; each rule counts by `counter name fired`."""
    lines = "\n".join(f"  {rule}" for rule in rules)
    return f" chain forward {{\n  type filter hook forward priority -5;\n{lines}\n }}"


def redirect_chain(*rules: str) -> str:
    """An nft chain that may turn connections of the client aside, to the router itself."""
    lines = "\n".join(f"  {rule}" for rule in rules)
    return f" chain aside {{\n  type nat hook prerouting priority -100;\n{lines}\n }}"
