"""Facebook Messenger's test -> observations. It looks names up and connects, and does no more."""

from typing import Final

import msgspec

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Observations
from lampwatch.observe.archival import Connect, Query, connects, lookups

NAMES: Final = ("facebook_messenger",)
NEEDS_INPUT: Final = False


class TestKeys(msgspec.Struct, gc=False):
    """ts-019: what the test writes, as far as it is used here; what the probe concluded from it is left aside."""

    queries: list[Query] | None = None
    tcp_connect: list[Connect] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:  # noqa: ARG001  every extract is given both
    """The probe's observations. This test has no control."""
    return Observations(Facts(lookups(test_keys.queries), connects(test_keys.tcp_connect)))
