from tests.methods.judging import Method
from tests.methods.messengers import connect, query

METHOD = Method("facebook_messenger")


def test_names_and_connects_are_read() -> None:
    keys = {
        "queries": [query("b-api.facebook.com", "31.13.86.37")],
        "tcp_connect": [connect("31.13.86.37", failure="connection_refused")],
        "facebook_b_api_reachable": None,
    }
    observations = METHOD.observed(keys)
    assert observations.probe.dns[0].answers == ("31.13.86.37",)
    assert observations.probe.tcp[0].failure == "connection_refused"
    assert observations.control is None


def test_aliases_among_the_answers_are_not_addresses() -> None:
    early = {
        "hostname": "external.xx.fbcdn.net",
        "query_type": "A",
        "failure": None,
        "answers": [
            {"answer_type": "CNAME", "hostname": "scontent.xx.fbcdn.net"},
            {"answer_type": "A", "ipv4": "31.13.86.4"},
        ],
    }
    observations = METHOD.observed({"queries": [early]})
    assert observations.probe.dns[0].answers == ("31.13.86.4",)
