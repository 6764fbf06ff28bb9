"""A probe behind a censor, our control outside, and what we make of both."""

from typing import Any

import httpx
import pytest

from lampwatch.model.failure import Failure, Operation
from lampwatch.model.vocabulary import Layer, Mechanism, State
from lampwatch.probe.control_client import ControlClient
from lampwatch.probe.control_service.limits import Limits
from lampwatch.probe.control_service.service import ControlService, control_app
from lampwatch.probe.failed import Failed
from tests.methods.judging import Method
from tests.probe.control_service.asking import NAME, SITE, outpost, page, plain, secure
from tests.probe.scripted import ScriptedNetwork, kit_over, saying
from tests.probe.servers import trusting

METHOD = Method("web_connectivity")
HTTPS = f"https://{NAME}/"
RESET = saying(Failed(Failure.CONNECTION_RESET, Operation.READ))
REFUSED = Failed(Failure.CONNECTION_REFUSED, Operation.CONNECT)
UP = {f"{SITE}:80": plain(page()), f"{SITE}:443": secure(page(), NAME)}


def control(outside: ScriptedNetwork) -> ControlClient:
    service = ControlService(outpost(outside), Limits(), outside.clock.monotonic, b"0123456789abcdef")
    return ControlClient(["http://control.test/"], transport=httpx.ASGITransport(control_app(service)))


def judged(inside: ScriptedNetwork, outside: ScriptedNetwork) -> tuple[Any, ...]:
    kit = kit_over(inside, trust=trusting(inside.clock), control=control(outside))
    keys = METHOD.measured(kit, HTTPS)
    assert keys["control_failure"] is None
    verdict = METHOD.verdict(keys, HTTPS)
    return verdict.state, verdict.layer, verdict.mechanism


def network(streams: dict[str, Any], *addresses: str) -> ScriptedNetwork:
    # The probe asks for the name as it is, the control with a final dot.
    return ScriptedNetwork(names={NAME: addresses, f"{NAME}.": addresses}, streams=streams)


def test_a_site_that_both_see_is_ok() -> None:
    assert judged(network(UP, SITE), network(UP, SITE))[0] is State.OK


def test_a_site_whose_name_is_reset_only_inside_is_blocked() -> None:
    inside = network({**UP, f"{SITE}:443": RESET}, SITE)
    assert judged(inside, network(UP, SITE)) == (State.BLOCKED, Layer.TLS, Mechanism.TLS_SNI_RESET)


def test_a_site_that_refuses_both_is_down() -> None:
    streams = {f"{SITE}:80": plain(page()), f"{SITE}:443": REFUSED}
    assert judged(network(streams, SITE), network(streams, SITE))[0] is State.DOWN


@pytest.mark.parametrize("inner", ["127.0.0.1", "10.10.34.35"])
def test_a_private_address_told_only_inside_is_a_blocked_name(inner: str) -> None:
    state, layer, _ = judged(network({f"{SITE}:80": plain(page())}, inner), network(UP, SITE))
    assert (state, layer) == (State.BLOCKED, Layer.DNS)


def test_a_private_address_told_to_everyone_is_down() -> None:
    assert judged(network({}, "127.0.0.1"), network({}, "127.0.0.1"))[0] is State.DOWN
