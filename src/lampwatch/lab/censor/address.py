"""Censoring by address and protocol, and whole shutdowns: nft rules in the forward chain."""

from lampwatch.lab.block import Action, Address, Drop, Everything, Refuse, Unreachable
from lampwatch.lab.censor.fitting import Fitting, NftFitting, forward_chain
from lampwatch.lab.errors import LabError

_COUNTED = "counter name fired"


def fit(router: str, table: str, match: Address | Everything, action: Action) -> Fitting:
    """Drop, refuse or reject what goes to an address, or all there is."""
    return NftFitting(router, table, forward_chain(*_rules(match, action)))


def _rules(match: Address | Everything, action: Action) -> list[str]:
    wanted = selector(match)
    if isinstance(action, Drop):
        return [f"{wanted} {_COUNTED} drop"]
    if isinstance(action, Refuse):
        # UDP cannot be refused by a reset: there it is ICMP's port unreachable.
        udp = wanted.replace("meta l4proto tcp", "meta l4proto udp")
        tcp = wanted if "tcp" in wanted or "udp" in wanted else f"{wanted} meta l4proto tcp"
        refusals = [f"{tcp} {_COUNTED} reject with tcp reset"] if "udp" not in tcp else []
        return refusals + (
            [f"{udp} {_COUNTED} reject with icmpx type port-unreachable"] if "udp" in udp else []
        )
    if isinstance(action, Unreachable):
        return [f"{wanted} {_COUNTED} reject with icmpx type host-unreachable"]
    raise LabError(f"nothing does {type(action).__name__} to {type(match).__name__}")


def selector(match: Address | Everything) -> str:
    """The nft words that select what is matched, on its way out."""
    if isinstance(match, Everything):
        return {4: "meta nfproto ipv4", 6: "meta nfproto ipv6"}.get(match.ip_version, "")
    family = "ip6" if ":" in match.prefix else "ip"
    words = [] if match.prefix.endswith("/0") else [f"{family} daddr {match.prefix}"]
    if match.protocol and match.port:
        words.append(f"{match.protocol} dport {match.port}")
    elif match.port:
        words.append(f"th dport {match.port}")
    elif match.protocol:
        words.append(f"meta l4proto {match.protocol}")
    return " ".join(words)
