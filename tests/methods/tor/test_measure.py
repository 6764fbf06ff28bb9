import ipaddress

from lampwatch.methods.tor.servers import AUTHORITY, DIRECTORY, OBFS4, SERVERS, Server
from lampwatch.model.failure import Failure
from lampwatch.model.vocabulary import Mechanism, State
from tests.methods.judging import Method
from tests.probe import scripted
from tests.probe.scripted import Says, ScriptedNetwork, Serving
from tests.probe.servers import RawWeb, TlsServer, certificate, page

TOR = Method("tor")


def behaves(server: Server) -> Serving:
    def peer() -> scripted.Server:
        if server.protocol == AUTHORITY:
            return TlsServer(Says(), certificate("www.unheard-of.net"), ("http/1.1",))
        return RawWeb(lambda _: page(body=b"c" * 9000)) if server.protocol == DIRECTORY else Says()

    return peer


def network(changed: dict[str, Serving] | None = None) -> ScriptedNetwork:
    """All servers work, but for those of the protocols that are changed."""
    return ScriptedNetwork(
        streams={
            f"{server.ip}:{server.port}": (changed or {}).get(server.protocol) or behaves(server)
            for server in SERVERS
        }
    )


def test_on_an_open_network_authorities_and_bridges_are_reached() -> None:
    found = TOR.verdicts(network())
    assert {target: verdict.rule_id for target, verdict in found.items()} == {
        "tor": "tor.authorities.reached",
        "tor-obfs4": "tor.obfs4.reached",
    }


def test_authorities_whose_addresses_are_dropped_are_blocked() -> None:
    found = TOR.verdicts(network({AUTHORITY: Failure.TIMEOUT, DIRECTORY: Failure.TIMEOUT}))
    assert (found["tor"].state, found["tor"].mechanism) == (State.BLOCKED, Mechanism.IP_DROP)
    assert found["tor-obfs4"].state is State.OK


def test_authorities_whose_handshakes_are_reset_are_blocked() -> None:
    verdict = TOR.verdicts(network({AUTHORITY: lambda: Says(Failure.CONNECTION_RESET)}))["tor"]
    assert (verdict.state, verdict.mechanism) == (State.BLOCKED, Mechanism.PROTOCOL_RESET)


def test_bridges_whose_addresses_are_dropped_are_blocked_apart() -> None:
    found = TOR.verdicts(network({OBFS4: Failure.TIMEOUT}))
    assert (found["tor"].state, found["tor-obfs4"].mechanism) == (State.OK, Mechanism.IP_DROP)


def test_a_dead_line_accuses_nobody() -> None:
    found = TOR.verdicts(ScriptedNetwork())
    assert {verdict.rule_id for verdict in found.values()} == {"tor.nothing_worked"}


def test_the_counts_are_those_of_the_targets() -> None:
    keys = TOR.test_keys(network({OBFS4: Failure.TIMEOUT}))
    assert (keys["or_port_dirauth_total"], keys["or_port_dirauth_accessible"]) == (10, 10)
    assert (keys["obfs4_total"], keys["obfs4_accessible"]) == (7, 0)


def test_of_a_bridge_only_the_connect_is_claimed() -> None:
    keys = TOR.test_keys(network())
    bridges = [t for t in keys["targets"].values() if t["target_protocol"] == OBFS4]
    assert {tuple(bridge["summary"]) for bridge in bridges} == {("connect",)}


def test_every_target_carries_its_own_events_only() -> None:
    keys = TOR.test_keys(network())
    for target in keys["targets"].values():
        [connect] = target["tcp_connect"]
        assert f"{connect['ip']}:{connect['port']}" == target["target_address"]


def test_the_servers_are_public_addresses_and_each_is_listed_once() -> None:
    assert all(ipaddress.ip_address(server.ip).is_global for server in SERVERS)
    assert len({server.key for server in SERVERS}) == len(SERVERS)
