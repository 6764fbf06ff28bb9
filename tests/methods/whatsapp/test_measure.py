from lampwatch.methods.whatsapp import measure, rules
from lampwatch.model.failure import Failure
from lampwatch.model.neutral import NEUTRAL_NAME
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import Says, ScriptedNetwork, Serving
from tests.probe.servers import website

WHATSAPP = Method("whatsapp")
SHARED = ["157.240.0.60", "157.240.0.61"]
REGISTRATION_IP, WEB_IP = "157.240.0.53", "157.240.0.54"
NAMES = {
    NEUTRAL_NAME: ["93.184.215.14"],
    **dict.fromkeys(measure.ENDPOINTS, SHARED),
    "v.whatsapp.net": [REGISTRATION_IP],
    "web.whatsapp.com": [WEB_IP],
}


def network(app: Serving, names: dict[str, list[str]] | None = None) -> ScriptedNetwork:
    streams: dict[str, Serving] = {
        **dict.fromkeys(SHARED, app),
        REGISTRATION_IP: website("v.whatsapp.net"),
        WEB_IP: website("web.whatsapp.com"),
    }
    return ScriptedNetwork({**NAMES, **(names or {})}, streams)


def takes_connects() -> Says:
    return Says()


def test_where_all_answers_all_is_ok() -> None:
    found = WHATSAPP.verdicts(network(takes_connects))
    assert {target: verdict.rule_id for target, verdict in found.items()} == {
        "whatsapp": "whatsapp.app.connects",
        "v.whatsapp.net": "endpoints.http.page_over_tls",
        "web.whatsapp.com": "endpoints.http.page_over_tls",
    }


def test_what_is_measured_is_what_is_judged() -> None:
    assert (measure.ENDPOINTS, measure.PORTS) == (rules.ENDPOINTS, rules.PORTS)


def test_an_address_that_all_names_share_is_connected_to_once_a_port() -> None:
    world = network(takes_connects)
    WHATSAPP.test_keys(world)
    tried = [at for at in world.connected if at.rpartition(":")[0] in SHARED]
    assert sorted(tried) == sorted(f"{ip}:{port}" for ip in SHARED for port in (443, 5222))


def test_addresses_without_end_are_not_all_tried() -> None:
    names = {name: [f"31.13.{n}.{m}" for m in range(200)] for n, name in enumerate(measure.ENDPOINTS)}
    world = network(takes_connects, names)
    WHATSAPP.test_keys(world)
    assert len([at for at in world.connected if at.startswith("31.13.")]) == 2 * measure.MOST_ENDPOINTS


def test_endpoints_that_drop_everything_are_blocked_by_address() -> None:
    verdict = WHATSAPP.verdicts(network(Failure.TIMEOUT))["whatsapp"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.IP_DROP)


def test_endpoints_whose_names_lead_to_private_addresses_are_blocked_by_dns() -> None:
    verdict = WHATSAPP.verdicts(
        network(takes_connects, {name: ["10.10.34.35"] for name in measure.ENDPOINTS})
    )
    assert (verdict["whatsapp"].state, verdict["whatsapp"].mechanism) == (
        State.BLOCKED,
        Mechanism.DNS_BOGON,
    )
