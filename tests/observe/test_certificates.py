"""What handshakes were shown, read again from a document that anybody may have written."""

import json
from base64 import b64encode
from typing import Any

import msgspec
import pytest

from lampwatch.model.failure import Failure
from lampwatch.observe.archival import TlsHandshake, handshakes
from lampwatch.observe.certificates import shown


def shake(*certificates: bytes, **changes: Any) -> dict[str, Any]:
    chain = [{"format": "base64", "data": b64encode(one).decode()} for one in certificates]
    entry = {
        "address": "192.0.2.1:443",
        "server_name": "Site.example",
        "failure": None,
        "no_tls_verify": False,
    }
    return entry | {"peer_certificates": chain} | changes


def document(**keys: Any) -> bytes:
    return json.dumps({"test_name": "web_connectivity", "test_keys": keys}).encode()


def test_each_handshake_s_chain_is_read_in_order() -> None:
    first, second = shown(
        document(
            tls_handshakes=[shake(b"leaf", b"between"), shake()],
            quic_handshakes=[shake(b"other", failure="ssl_unknown_authority", no_tls_verify=True)],
        )
    )
    assert (first.server_name, first.ip, first.port) == ("site.example", "192.0.2.1", 443)
    assert (first.chain, first.failure, first.verified) == ((b"leaf", b"between"), None, True)
    assert (second.chain, second.failure, second.verified) == (
        (b"other",),
        Failure.TLS_UNKNOWN_AUTHORITY,
        False,
    )


def test_those_of_a_dnscheck_stand_in_its_lookups() -> None:
    (one,) = shown(document(lookups={"dot://192.0.2.1/": {"tls_handshakes": [shake(b"leaf")]}, "doh": None}))
    assert one.chain == (b"leaf",)


def test_it_is_named_as_observations_name_it() -> None:
    (one,) = shown(document(tls_handshakes=[shake(b"leaf")]))
    (seen,) = handshakes(
        [msgspec.json.decode(json.dumps(shake(b"leaf", failure="eof_error")), type=TlsHandshake)]
    )
    assert one.digest == seen.certificate


@pytest.mark.parametrize(
    "chain",
    [None, 7, "text", [7], [None], [{"data": "%%%"}], [{"data": ""}], [{"data": None}], [[[]]], {"a": 1}],
)
def test_a_chain_that_cannot_be_read_is_none(chain: Any) -> None:
    good = shake(b"leaf")
    assert len(shown(document(tls_handshakes=[shake(peer_certificates=chain), good]))) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"junk",
        b"[]",
        b"null",
        b'{"test_keys": null}',
        b'{"test_keys": 7}',
        b'{"test_keys": {"tls_handshakes": 7}}',
        b'{"test_keys": {"lookups": [1, 2]}}',
        b'{"test_keys": {"lookups": ' + b"[" * 99_999 + b"}}",
        b'{"test_keys": {"tls_handshakes": [{"address": "\xff"}]}}',
    ],
)
def test_a_document_that_is_none_shows_nothing(raw: bytes) -> None:
    assert shown(raw) == []


def test_no_document_fills_the_memory() -> None:
    found = shown(document(tls_handshakes=[shake(*[b"leaf"] * 99)] * 5000))
    assert len(found) == 4096
    assert {len(one.chain) for one in found} == {10}
