"""Throttling and stalling: a class of the traffic shaper for an address or a marked connection, or a count of bytes."""

from lampwatch.lab.block import Address, Bytes, Host, Sni, Stall, Throttle
from lampwatch.lab.censor.fitting import Fitting, NftFitting, forward_chain
from lampwatch.lab.censor.strings import IptablesFitting, mark_of, marking
from lampwatch.lab.errors import LabError
from lampwatch.lab.netns import command, sysctl, within
from lampwatch.lab.topology import INWARD

_QUEUED_PACKETS = "20"
"""Packets that may wait: more would make minutes of delay at such rates, and no censor's box has the memory."""


class ThrottleFitting(Fitting):
    """What comes from an address, or on a marked connection, leaves the router towards the client at a rate."""

    def __init__(
        self, router: str, number: int, match: Address | Sni | Host | Bytes, action: Throttle
    ) -> None:
        self._router = router
        self._class = f"1:{number + 16}"
        self._rate = f"{action.kbit_s}kbit"
        # tc reads numbers after a colon as hexadecimal, and so does CLASSIFY: both are given the same text.
        into = ["-j", "CLASSIFY", "--set-class", self._class]
        if isinstance(match, Address):
            port = ["-p", match.protocol or "tcp", "--sport", str(match.port)] if match.port else []
            rules = [("mangle", "POSTROUTING", ["-s", match.prefix, *port, *into])]
        else:
            mark = ["-m", "connmark", "--mark", str(mark_of(number)), "-o", INWARD]
            rules = [marking(number, match), ("mangle", "POSTROUTING", [*mark, *into])]
        self._rules = IptablesFitting(router, f"lab-b{number}", rules)

    def apply(self) -> None:
        """Make the class, and send what matches through it."""
        if "htb" not in self._tc("qdisc", "show", "dev", INWARD):
            self._tc("qdisc", "add", "dev", INWARD, "root", "handle", "1:", "htb")
        shape = ["htb", "rate", self._rate, "ceil", self._rate, "burst", "4k", "quantum", "1514"]
        self._tc("class", "add", "dev", INWARD, "parent", "1:", "classid", self._class, *shape)
        self._tc(
            "qdisc", "add", "dev", INWARD, "parent", self._class, "handle", f"{self._class[2:]}:", "pfifo",
            "limit", _QUEUED_PACKETS,
        )  # fmt: skip
        self._rules.apply()

    def lift(self) -> None:
        """Let it through at full speed again."""
        self._rules.lift()
        self._tc("class", "delete", "dev", INWARD, "classid", self._class)

    def fired(self) -> int:
        """How many packets went through the class."""
        return self._rules.fired()

    def _tc(self, *argv: str) -> str:
        return within(self._router, lambda: command("tc", *argv))


class StallFitting(Fitting):
    """So many bytes come back on a connection, and then none."""

    def __init__(self, router: str, number: int, match: Address | Sni | Host | Bytes, action: Stall) -> None:
        self._router = router
        self._marks: IptablesFitting | None = None
        if isinstance(match, Address):
            wanted = f"ip saddr {match.prefix}" + (f" tcp sport {match.port}" if match.port else "")
        else:
            self._marks = IptablesFitting(router, f"lab-b{number}", [marking(number, match)])
            wanted = f"ct mark {mark_of(number)}"
        rule = f"{wanted} ct direction reply ct reply bytes > {action.after_bytes} counter name fired drop"
        self._drops = NftFitting(router, f"lab_b{number}", forward_chain(rule))

    def apply(self) -> None:
        """Begin to count."""
        if self._marks is not None:
            self._marks.apply()
        self._drops.apply()
        # Bytes are counted for connections that begin after this.
        sysctl(self._router, {"netfilter/nf_conntrack_acct": "1"})

    def lift(self) -> None:
        """Let everything come."""
        self._drops.lift()
        if self._marks is not None:
            self._marks.lift()

    def fired(self) -> int:
        """How many packets were dropped."""
        return self._drops.fired()


def fit(router: str, number: int, match: Address | Sni | Host | Bytes, action: Throttle | Stall) -> Fitting:
    """Slow a connection down, or let it stall."""
    if isinstance(match, Address) and ":" in match.prefix:
        raise LabError("the lab slows down IPv4 only")
    if isinstance(action, Throttle):
        return ThrottleFitting(router, number, match, action)
    return StallFitting(router, number, match, action)
