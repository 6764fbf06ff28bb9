from typing import Any

from lampwatch.publish.pages.facts import layers_of


def tcp(n: int, vantage: str = "probe", failure: str | None = None, ip: str = "192.0.2.1") -> dict[str, Any]:
    return {"vantage": vantage, "n": n, "ip": ip, "port": 443, "failure": failure}


def test_probe_and_control_stand_side_by_side() -> None:
    (layer,) = layers_of({"tcp": [tcp(0, failure="generic_timeout_error"), tcp(0, "control")]}, frozenset())
    probe, control = layer.sides
    assert (probe.facts[0].id, probe.facts[0].came) == ("probe.tcp.0", ("failed: timeout",))
    assert (control.facts[0].id, control.facts[0].came) == ("control.tcp.0", ("connected",))


def test_a_version_six_address_is_told_from_its_port() -> None:
    (layer,) = layers_of({"tcp": [tcp(0, ip="2001:db8::1")]}, frozenset())
    assert layer.sides[0].facts[0].tried == ("[2001:db8::1]:443",)


def test_a_long_list_is_cut_but_never_its_witnesses() -> None:
    (layer,) = layers_of({"tcp": [tcp(n) for n in range(200)]}, frozenset({"probe.tcp.199"}))
    side = layer.sides[0]
    assert side.facts[-1].id == "probe.tcp.199"
    assert side.facts[-1].witness
    assert len(side.facts) + side.hidden == 200


def test_a_layer_nobody_saw_is_left_out() -> None:
    assert layers_of({"tcp": [], "dns": []}, frozenset()) == []


def test_a_handshake_that_failed_verified_nothing() -> None:
    row = {
        **tcp(0, failure="connection_reset"),
        "protocol": "tls",
        "server_name": "example.org",
        "verified": True,
        "version": "",
        "certificate": "",
    }
    (layer,) = layers_of({"handshake": [row]}, frozenset())
    assert layer.sides[0].facts[0].came == ("failed: connection reset",)
