from tests.methods.judging import Method
from tests.methods.messengers import connect, exchange, query, shake

METHOD = Method("whatsapp")


def test_every_kind_of_step_is_read() -> None:
    keys = {
        "queries": [query("e1.whatsapp.net", "3.33.252.61", "15.197.210.208")],
        "tcp_connect": [connect("3.33.252.61", 5222)],
        "tls_handshakes": [shake("v.whatsapp.net", "31.13.86.51")],
        "requests": [exchange("https://v.whatsapp.net/v2/register", 200)],
    }
    observations = METHOD.observed(keys)
    facts = observations.probe
    assert facts.dns[0].answers == ("3.33.252.61", "15.197.210.208")
    assert (facts.tcp[0].port, facts.handshakes[0].server_name) == (5222, "v.whatsapp.net")
    assert facts.http[0].over_tls
    assert observations.control is None


def test_null_lists_of_an_interrupted_measurement_are_empty() -> None:
    keys = {"queries": None, "tcp_connect": None, "tls_handshakes": None, "requests": None}
    observations = METHOD.observed(keys)
    facts = observations.probe
    assert [list(facts.dns), list(facts.tcp), list(facts.handshakes), list(facts.http)] == [[], [], [], []]
