"""What whoever probes must have understood, and what the probed can read."""

from typing import Final

TEXT: Final = """\
lampwatch series probe: what it does, and what that can mean

What it does. Every eleven minutes it asks addresses of other people's networks whether they are there: of each /24 on
your list one to fifteen addresses, by an ICMP echo or a TCP connection. It asks nothing but what is on your list, and
never what is on your exclusion lists.

What others can see. Each question comes from your address. Owners and watchers of these networks may take it for an
attack or a scan, complain to your provider, block you or report you; in some places it is against the law, and where a
government has switched the network off, to watch it from inside can put you in danger. Some lines are paid by the byte,
and some machines are old: ask slowly. Run it only where you, your provider and your law allow it, from an address whose
owner knows, and never from a volunteer's home.

What you owe. A contact that is read: it goes out with every ICMP question, and belongs on a page at your address and in
its reverse DNS name. Whoever asks to be left alone goes on the exclusion list, for good; the list is read anew before
every round.

What is kept. How many /24s of a country, region or network are up in each round, and of each /24 how sure we are. No
address and no answer of a single address.
"""


def greeting(contact: str) -> bytes:
    """What every ICMP question carries: who asks, why, and how to be left alone."""
    return f" Lampwatch asks whether this network is up. Who we are and how to opt out: {contact} ".encode()
