from lampwatch.methods.facebook_messenger import measure, rules
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Says, ScriptedNetwork, Serving

MESSENGER = Method("facebook_messenger")
IPS = {host: f"157.240.1.{n}" for n, host in enumerate(measure.HOSTS, 1)}


def takes_connects() -> Says:
    return Says()


def network(
    app: Serving = takes_connects, names: dict[str, list[str] | Failure] | None = None
) -> ScriptedNetwork:
    known: dict[str, list[str] | Failure] = {host: [ip] for host, ip in IPS.items()}
    known[measure.CALLS] = ["157.240.1.99"]
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
