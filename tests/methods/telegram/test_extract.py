from tests.methods.judging import Method
from tests.methods.messengers import connect, exchange, query, shake

METHOD = Method("telegram")


def test_every_kind_of_step_is_read() -> None:
    keys = {
        "queries": [query("web.telegram.org", "149.154.167.99", asn=62041)],
        "tcp_connect": [connect("149.154.175.50", 80)],
        "tls_handshakes": [shake("web.telegram.org", "149.154.167.99")],
        "requests": [exchange("http://149.154.175.50/", 501, method="POST")],
    }
    observations = METHOD.observed(keys)
    facts = observations.probe
    assert (facts.dns[0].answers, facts.dns[0].asns) == (("149.154.167.99",), (62041,))
    assert (facts.tcp[0].ip, facts.tcp[0].port, facts.tcp[0].failure) == ("149.154.175.50", 80, None)
    assert (facts.handshakes[0].server_name, facts.handshakes[0].verified) == ("web.telegram.org", True)
    assert (facts.http[0].method, facts.http[0].status) == ("POST", 501)
    assert observations.control is None


def test_an_early_measurement_has_no_lookups_and_its_failures_are_booleans() -> None:
    keys = {
        "tcp_connect": [{"ip": "149.154.175.50", "port": 80, "status": {"failure": False, "success": True}}],
        "requests": [{"request": {"url": "http://149.154.175.50/", "method": "POST"}, "failure": None}],
        "telegram_http_blocking": None,
        "telegram_web_status": "ok",
    }
    observations = METHOD.observed(keys)
    assert observations.probe.tcp[0].failure is None
    assert observations.probe.dns == []
