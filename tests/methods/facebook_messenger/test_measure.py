import asyncio

import pytest

from lampwatch.methods.facebook_messenger import measure, rules
from lampwatch.model.errors import UserError
from lampwatch.model.failure import Failure
from lampwatch.model.neutral import NEUTRAL_NAME
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Says, ScriptedNetwork, Serving, kit_over

MESSENGER = Method("facebook_messenger")
IPS = {host: f"157.240.1.{n}" for n, host in enumerate(measure.HOSTS, 1)}


def takes_connects() -> Says:
    return Says()


def network(
    app: Serving = takes_connects, names: dict[str, list[str] | Failure] | None = None
) -> ScriptedNetwork:
    known: dict[str, list[str] | Failure] = {host: [ip] for host, ip in IPS.items()}
    known[measure.CALLS] = ["157.240.1.99"]
    known[NEUTRAL_NAME] = ["93.184.215.14"]
    return ScriptedNetwork({**known, **(names or {})}, dict.fromkeys(IPS.values(), app))


def test_what_is_measured_is_what_is_judged() -> None:
    assert (measure.HOSTS, measure.CALLS) == (rules.HOSTS, rules.CALLS)


def test_servers_that_can_be_connected_to_are_ok() -> None:
    assert MESSENGER.verdicts(network())["facebook_messenger"].rule_id == "facebook_messenger.connects"


def test_servers_that_drop_everything_are_blocked_by_address() -> None:
    verdict = MESSENGER.verdicts(network(Failure.TIMEOUT))["facebook_messenger"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.IP_DROP)


def test_names_that_do_not_exist_are_blocked_by_dns() -> None:
    none: dict[str, list[str] | Failure] = dict.fromkeys(
        (*measure.HOSTS, measure.CALLS), Failure.DNS_NXDOMAIN
    )
    verdict = MESSENGER.verdicts(network(names=none))["facebook_messenger"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.DNS_NXDOMAIN)


def test_the_server_for_calls_is_looked_up_and_not_connected_to() -> None:
    world = network()
    keys = MESSENGER.test_keys(world)
    assert measure.CALLS in {query["hostname"] for query in keys["queries"]}
    assert not [at for at in world.connected if at.startswith("157.240.1.99:")]


def test_another_address_is_tried_where_the_first_fails() -> None:
    two: dict[str, list[str] | Failure] = {measure.HOSTS[0]: ["157.240.9.9", IPS[measure.HOSTS[0]]]}
    verdict = MESSENGER.verdicts(network(names=two))["facebook_messenger"]
    assert verdict.rule_id == "facebook_messenger.connects"


def test_a_resolver_that_denies_every_name_does_not_mean_this_service() -> None:
    none: dict[str, list[str] | Failure] = dict.fromkeys(
        (*measure.HOSTS, measure.CALLS, NEUTRAL_NAME), Failure.DNS_NXDOMAIN
    )
    assert MESSENGER.verdicts(network(names=none))["facebook_messenger"].state is State.UNKNOWN


def test_a_resolver_that_sends_every_name_to_one_place_does_not_mean_this_service() -> None:
    portal = {name: ["203.0.114.7"] for name in (*measure.HOSTS, measure.CALLS, NEUTRAL_NAME)}
    verdict = MESSENGER.verdicts(network(Failure.TIMEOUT, {**portal}))["facebook_messenger"]
    assert verdict.mechanism is not Mechanism.DNS_SPOOF


def test_a_target_is_the_user_s_mistake() -> None:
    with pytest.raises(UserError, match="takes no target"):
        asyncio.run(measure.measure(kit_over(network()), "x"))
