from lampwatch.methods.telegram import measure, rules
from lampwatch.model.failure import Failure
from lampwatch.model.neutral import NEUTRAL_NAME
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe.scripted import ScriptedNetwork, Serving
from tests.probe.servers import RawWeb, page, website

TELEGRAM = Method("telegram")
WEB_IP = "149.154.167.99"
NAMES = {measure.WEB: [WEB_IP], NEUTRAL_NAME: ["93.184.215.14"]}


def app_server() -> RawWeb:
    return RawWeb(lambda _: page(501, b"<html>501 Not Implemented</html>"))


def network(app: Serving = app_server, web: Serving | None = None) -> ScriptedNetwork:
    return ScriptedNetwork(
        NAMES, {**dict.fromkeys(measure.SERVERS, app), WEB_IP: web or website(measure.WEB)}
    )


def test_the_servers_measured_are_those_that_are_judged() -> None:
    assert set(measure.SERVERS) == rules.SERVERS


def test_where_all_answers_all_is_ok() -> None:
    found = TELEGRAM.verdicts(network())
    assert {target: verdict.rule_id for target, verdict in found.items()} == {
        "telegram": "telegram.app.answers",
        "web.telegram.org": "endpoints.http.page_over_tls",
    }


def test_every_server_is_tried_once_on_both_ports() -> None:
    world = network()
    TELEGRAM.test_keys(world)
    tried = [at for at in world.connected if not at.startswith(WEB_IP)]
    assert sorted(tried) == sorted(f"{ip}:{port}" for ip in measure.SERVERS for port in (80, 443))


def test_where_no_server_can_be_connected_to_it_is_blocked_by_address() -> None:
    verdict = TELEGRAM.verdicts(network(app=Failure.TIMEOUT))["telegram"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.IP_DROP)


def test_where_servers_fall_silent_after_the_request_it_is_blocked_by_http() -> None:
    def silent() -> RawWeb:
        return RawWeb(lambda _: b"")

    verdict = TELEGRAM.verdicts(network(app=silent))["telegram"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.HTTP_RESET)


def test_a_reset_at_the_name_blocks_the_web_site_alone() -> None:
    web = website(measure.WEB, instead={measure.WEB: [Failure.CONNECTION_RESET]})
    found = TELEGRAM.verdicts(network(web=web))
    assert (found["telegram"].state, found["web.telegram.org"].mechanism) == (
        State.OK,
        Mechanism.TLS_SNI_RESET,
    )


def test_a_dead_line_accuses_nobody() -> None:
    found = TELEGRAM.verdicts(ScriptedNetwork({measure.WEB: Failure.TIMEOUT}))
    assert {verdict.state for verdict in found.values()} == {State.UNKNOWN}


def test_nothing_is_concluded_by_the_probe() -> None:
    keys = TELEGRAM.test_keys(network())
    assert {value for name, value in keys.items() if name.startswith("telegram_")} == {None}
