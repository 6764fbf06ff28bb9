"""Censoring by bytes in one packet: iptables' string match, which a split ClientHello escapes, as real ones do."""

import re
from collections.abc import Sequence

from lampwatch.lab.block import Action, Bytes, Drop, DropReplies, Host, Reset, Sni
from lampwatch.lab.censor.fitting import Fitting
from lampwatch.lab.netns import command, iptables, within

_MARKS_FROM = 0x100


class IptablesFitting(Fitting):
    """iptables rules, each (table, chain, words). They carry a comment, and the last one of them is what counts."""

    def __init__(self, router: str, name: str, rules: Sequence[tuple[str, str, Sequence[str]]]) -> None:
        self._router = router
        self._name = name
        self._rules = rules
        self._on = False
        self._before = 0

    def apply(self) -> None:
        """Append the rules."""
        self._each("-A")
        self._on = True

    def lift(self) -> None:
        """Delete them, and remember what they counted."""
        self._before = self.fired()
        self._on = False
        self._each("-D")

    def fired(self) -> int:
        """How many packets the last rule acted on."""
        if not self._on:
            return self._before
        table = self._rules[-1][0]
        saved = within(self._router, lambda: command("iptables-save", "-c", "-t", table))
        counts = re.findall(rf'^\[(\d+):\d+\] .*--comment "?{self._name}"?(?: |$)', saved, re.MULTILINE)
        return self._before + (int(counts[-1]) if counts else 0)

    def _each(self, do: str) -> None:
        for table, chain, words in self._rules:
            iptables(self._router, "-t", table, do, chain, "-m", "comment", "--comment", self._name, *words)


def looks_for(match: Sni | Host | Bytes) -> list[str]:
    """The iptables words that find the match in a packet of the client's."""
    if isinstance(match, Bytes):
        return ["-s", "10.0.0.0/8", "-p", "tcp", "-m", "string", "--algo", "bm", "--string", match.content]
    port = "443" if isinstance(match, Sni) else "80"
    words = ["-s", "10.0.0.0/8", "-p", "tcp", "--dport", port, "-m", "string", "--algo", "bm", "--icase"]
    return [*words, "--string", match.name]


def can_fit(match: Sni | Host | Bytes, action: Action, residual_s: float) -> bool:
    """Whether the kernel alone can do it; what it cannot is done by a packet reader."""
    simple = isinstance(action, Drop | DropReplies) or (isinstance(action, Reset) and not action.both)
    return simple and not residual_s and not getattr(match, "reassembled", False)


def fit(router: str, number: int, match: Sni | Host | Bytes, action: Action) -> Fitting:
    """Drop or reset by the bytes of one packet, or drop what comes back after them."""
    name, found = f"lab-b{number}", looks_for(match)
    if isinstance(action, DropReplies):
        mark = str(_MARKS_FROM + number)
        replies = ["-m", "connmark", "--mark", mark, "-m", "conntrack", "--ctdir", "REPLY", "-j", "DROP"]
        return IptablesFitting(router, name, [marking(number, match), ("mangle", "FORWARD", replies)])
    if isinstance(action, Drop):
        return IptablesFitting(router, name, [("filter", "FORWARD", [*found, "-j", "DROP"])])
    reject = [*found, "-j", "REJECT", "--reject-with", "tcp-reset"]
    return IptablesFitting(router, name, [("filter", "FORWARD", reject)])


def marking(number: int, match: Sni | Host | Bytes) -> tuple[str, str, list[str]]:
    """The rule that marks a connection for good, once a packet of it matched."""
    return (
        "mangle",
        "FORWARD",
        [*looks_for(match), "-j", "CONNMARK", "--set-mark", str(_MARKS_FROM + number)],
    )


def mark_of(number: int) -> int:
    """The mark of a block's connections."""
    return _MARKS_FROM + number
