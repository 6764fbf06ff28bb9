"""A measurement becomes a document that says whom it needed, as OONI's do."""

import asyncio
import json
from random import Random
from typing import Any

import pytest

from lampwatch.pipeline.measuring import Prober
from lampwatch.probe.document import Vantage
from lampwatch.probe.kit import Surroundings
from lampwatch.probe.resolver import SYSTEM
from lampwatch.probe.timeouts import Timeouts
from lampwatch.probe.trust import trust_of
from tests.probe.scripted import ScriptedNetwork

CONTROL = "https://control.test/"


class DeafControl:
    """A control that is there to be named."""

    address = CONTROL

    async def ask(self, question: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        raise AssertionError((question, timeout_s))


def document(method: str, target: str) -> dict[str, Any]:
    network = ScriptedNetwork()
    around = Surroundings(
        network=network,
        clock=network.clock,
        trust=trust_of(None, network.clock.utc),
        timeouts=Timeouts(),
        random=Random(0),
        resolvers=(SYSTEM,),
        control=DeafControl(),
    )
    prober = Prober(around, Vantage(), network.clock.utc())
    found: dict[str, Any] = json.loads(asyncio.run(prober.measured(method, target)))
    return found


@pytest.mark.parametrize(
    ("method", "helper"),
    [
        ("http_invalid_request_line", "192.0.2.1:80"),
        ("http_header_field_manipulation", "http://192.0.2.1/"),
    ],
)
def test_a_helper_that_was_named_is_the_backend_and_no_input(method: str, helper: str) -> None:
    made = document(method, helper)
    assert (made["input"], made["test_helpers"]) == (None, {"backend": helper})


def test_what_was_measured_is_the_input_and_the_control_is_the_backend() -> None:
    made = document("echcheck", "https://any.test/")
    assert made["input"] == "https://any.test/"
    assert made["test_helpers"] == {"backend": {"address": CONTROL, "type": "https"}}
