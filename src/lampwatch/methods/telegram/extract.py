"""Telegram's test -> observations. Its early versions recorded the app's exchanges and connects, and no lookups."""

from typing import Final

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.observe.steps import StepKeys, steps

NAMES: Final = ("telegram",)
NEEDS_INPUT: Final = False


class TestKeys(StepKeys, gc=False):
    """ts-020: what the test writes, as far as it is used here. Early versions leave out queries and handshakes."""


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:  # noqa: ARG001  every extract is given both
    """The probe's observations. This test has no control."""
    return Observations(steps(test_keys))
