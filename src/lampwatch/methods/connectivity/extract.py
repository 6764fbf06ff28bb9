"""Connectivity -> lookups, connects, handshakes and exchanges, and a note where there was no link at all."""

from typing import Final

from lampwatch.model.failure import failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.observe.archival import FailureText
from lampwatch.observe.steps import StepKeys, steps

NAMES: Final = ("connectivity",)
NEEDS_INPUT: Final = False

NO_LINK: Final = "no_link"
"""The note that is there where the machine had no route."""


class TestKeys(StepKeys, gc=False):
    """As README.md describes them, as far as they are used here."""

    x_link: dict[str, FailureText] | None = None


def extract(test_keys: TestKeys, measurement: Measurement) -> Observations:  # noqa: ARG001  every extract is given both
    """The probe's observations. This test has no control."""
    link = [failure_of(failure) for failure in (test_keys.x_link or {}).values()]
    gone = bool(link) and None not in link
    return Observations(steps(test_keys), notes={NO_LINK: str(link[0])} if gone else {})
