import json
import random
from typing import Any

import pytest

from lampwatch.formats.mrt import StateChange, Update
from lampwatch.formats.mrt.prefix import text
from lampwatch.signals.bgp.ris_live import MalformedMessageError, RefusedError, read, subscriptions

DOCUMENTED = {
    "timestamp": 1636247118.76,
    "peer": "2001:7f8:24::82",
    "peer_asn": "58299",
    "id": "20-5761-238131559",
    "host": "rrc20.ripe.net",
    "type": "UPDATE",
    "path": [58299, 49981, 397666],
    "community": [[49981, 1]],
    "origin": "igp",
    "announcements": [
        {"next_hop": "2001:7f8:24::82,fe80::768e:f8ff:fea6:b2c4", "prefixes": ["2602:fd9e:f00::/40"]},
        {"next_hop": "192.0.2.1", "prefixes": ["64.68.236.0/22", "eor"]},
    ],
    "withdrawals": ["203.0.113.0/24", "2001:db8::/32"],
}


def message(**changes: Any) -> bytes:
    return json.dumps({"type": "ris_message", "data": DOCUMENTED | changes}).encode()


def test_an_update_is_what_an_archive_would_hold() -> None:
    found = read(message())
    assert found is not None
    feed, told = found
    assert isinstance(told, Update)
    assert (feed, told.time, told.peer.asn, len(told.peer.address)) == ("rrc20", 1636247118.76, 58299, 16)
    assert told.origins == (397666,)
    assert [text(key, ipv6=False) for key in told.announced4] == ["64.68.236.0/22"]
    assert [text(key, ipv6=True) for key in told.announced6] == ["2602:fd9e:f00::/40"]
    assert [text(key, ipv6=False) for key in told.withdrawn4] == ["203.0.113.0/24"]
    assert [text(key, ipv6=True) for key in told.withdrawn6] == ["2001:db8::/32"]


def test_a_set_at_the_end_of_a_path_is_all_origins() -> None:
    found = read(message(path=[1, [7, 3]]))
    assert found is not None
    assert isinstance(found[1], Update)
    assert found[1].origins == (3, 7)


@pytest.mark.parametrize(("state", "expected"), [("connected", (1, 6)), ("down", (6, 1))])
def test_states_of_peers_are_told(state: str, expected: tuple[int, int]) -> None:
    found = read(message(type="RIS_PEER_STATE", state=state))
    assert found is not None
    assert isinstance(found[1], StateChange)
    assert (found[1].old, found[1].new) == expected


@pytest.mark.parametrize(
    "raw",
    [
        message(type="KEEPALIVE"),
        message(type="OPEN"),
        b'{"type":"pong","data":null}',
        b'{"type":"ris_subscribe_ok","data":{"subscription":{}}}',
    ],
)
def test_what_says_nothing_of_routes_is_passed_over(raw: bytes) -> None:
    assert read(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"type":1}',
        b"\xff",
        b"[" * 100_000,
        message(peer="nobody"),
        message(peer_asn="x"),
        message(timestamp=None),
        message(withdrawals=["10.0.0.0/99"]),
        message(path=[-1]),
        message(path=[2**32]),
        message(type="RIS_PEER_STATE", state="asleep"),
        message().replace(b'"timestamp": 1636247118.76, ', b""),
    ],
)
def test_what_is_malformed_is_told_as_such(raw: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        read(raw)


def test_a_complaint_of_the_server_is_told() -> None:
    with pytest.raises(RefusedError, match="too slow"):
        read(b'{"type":"ris_error","data":{"message":"too slow"}}')


def test_random_damage_never_raises_anything_else() -> None:
    chance = random.Random(3)
    whole = message()
    for _ in range(3000):
        raw = bytearray(whole)
        for _ in range(chance.randrange(1, 5)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        try:
            read(bytes(raw))
        except (MalformedMessageError, RefusedError):
            continue


def test_a_client_asks_for_updates_and_states_of_one_collector() -> None:
    asked = [json.loads(request) for request in subscriptions("rrc00")]
    assert [one["type"] for one in asked] == ["ris_subscribe"] * 2
    assert [(one["data"]["host"], one["data"]["type"]) for one in asked] == [
        ("rrc00", "UPDATE"),
        ("rrc00", "RIS_PEER_STATE"),
    ]
