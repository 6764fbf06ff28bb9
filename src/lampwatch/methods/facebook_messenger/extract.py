"""Facebook Messenger's test -> observations. It looks names up and connects, and does no more."""

from typing import Final

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.observe.steps import StepKeys, steps

NAMES: Final = ("facebook_messenger",)
NEEDS_INPUT: Final = False


class TestKeys(StepKeys, gc=False):
    """ts-019: what the test writes, as far as it is used here; what the probe concluded from it is left aside."""


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:  # noqa: ARG001  every extract is given both
    """The probe's observations. This test has no control."""
    return Observations(steps(test_keys))
