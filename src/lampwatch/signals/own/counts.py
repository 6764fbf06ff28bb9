"""What is counted: measurements by where, when and how they came, and what connectivity tests found left."""

from enum import StrEnum
from typing import Final

import msgspec

HOUR_S: Final = 3600

COMPARING: Final = frozenset({"web_connectivity", "quic", "stream"})
"""The methods that ask a control each time: where none answers, it could not be reached."""


class Heard(msgspec.Struct, frozen=True):
    """Measurements of one network and method that began in one hour and arrived in another.

    start and arrived are beginnings of hours in seconds since 1970 (UTC); arrived is None where no probe handed them in
    itself. controlled is how many had a control that answered, whatever it said of the target; reports is how many
    different reports they are from: no fewer than probes, and mostly more.
    """

    country: str
    asn: int
    method: str
    start: int
    arrived: int | None
    measurements: int
    controlled: int
    reports: int


class Left(StrEnum):
    """What a connectivity test found left of the Internet, as far as it tells of the network it was on."""

    ONLINE = "online"
    """Servers abroad were reached, whatever became of names."""
    CUT_OFF = "cut off"
    """There was a link, and nothing abroad answered over it."""
    UNTOLD = "untold"
    """The test's own link, a portal, or an early end stood before the question."""


LEFT_BY_RULE: Final = {
    "connectivity.online": Left.ONLINE,
    "connectivity.resolver_dead": Left.ONLINE,
    "connectivity.outside_gone": Left.CUT_OFF,
    "connectivity.everything_gone": Left.CUT_OFF,
    "connectivity.no_link": Left.UNTOLD,
    "connectivity.captive_portal": Left.UNTOLD,
    "connectivity.not_measured": Left.UNTOLD,
}
"""What each rule of the connectivity method says of it."""


class Found(msgspec.Struct, frozen=True):
    """One connectivity test: where and when (the beginning of its hour), and what it found left."""

    country: str
    asn: int
    start: int
    left: Left
