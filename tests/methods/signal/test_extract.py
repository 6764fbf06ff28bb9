import pytest

from lampwatch.methods.signal.extract import OWN_AUTHORITY
from tests.methods.judging import Method
from tests.methods.messengers import exchange, query, shake

METHOD = Method("signal")
CHAT = "chat.signal.org"
IP = "76.223.92.165"


def test_every_kind_of_step_is_read() -> None:
    keys = {
        "queries": [query(CHAT, IP)],
        "tls_handshakes": [shake(CHAT, IP)],
        "requests": [exchange(f"https://{CHAT}/", 404)],
    }
    observations = METHOD.observed(keys)
    assert observations.probe.dns[0].hostname == CHAT
    assert observations.probe.handshakes[0].verified
    assert observations.probe.http[0].status == 404
    assert observations.control is None


@pytest.mark.parametrize(
    ("failure", "chain", "noted"),
    [
        ("ssl_unknown_authority", b"..Signal Messenger, LLC..", CHAT),
        ("ssl_unknown_authority", b"..Open Whisper Systems..", CHAT),
        ("ssl_unknown_authority", b"..A Censor's Box..", None),
        ("ssl_unknown_authority", b"", None),
        (None, b"..Signal Messenger, LLC..", None),
    ],
)
def test_a_failed_handshake_that_showed_a_certificate_of_signals_own_is_noted(
    failure: str | None, chain: bytes, noted: str | None
) -> None:
    keys = {"tls_handshakes": [shake(CHAT, IP, failure, chain)]}
    observations = METHOD.observed(keys)
    assert observations.notes.get(OWN_AUTHORITY) == noted


@pytest.mark.parametrize("chain", [None, "text", [None], [{"data": "!!", "format": "base64"}], [1], {}])
def test_a_chain_that_cannot_be_read_names_nobody(chain: object) -> None:
    handshake = shake(CHAT, IP, "ssl_unknown_authority") | {"peer_certificates": chain}
    observations = METHOD.observed({"tls_handshakes": [handshake]})
    assert OWN_AUTHORITY not in observations.notes
