import json
from itertools import islice

import pytest

from lampwatch.formats.mrt import Update
from lampwatch.model.errors import UserError
from lampwatch.signals.bgp.ris_link import QUIET_S, Lost, RisLink
from tests.signals.bgp.ris_server import ris_live


def update(time: float, prefix: str = "10.0.0.0/8") -> bytes:
    told = {"timestamp": time, "peer": "192.0.2.1", "peer_asn": "64500", "host": "rrc00", "type": "UPDATE"}
    route = {"path": [64500, 1], "announcements": [{"next_hop": "192.0.2.1", "prefixes": [prefix]}]}
    return json.dumps({"type": "ris_message", "data": told | route}).encode()


def link_to(address: str, waits: list[float] | None = None, quiet_s: float = QUIET_S) -> RisLink:
    return RisLink(address, "rrc00", wait=([] if waits is None else waits).append, quiet_s=quiet_s)


def test_what_peers_say_is_heard_and_malformed_messages_are_counted() -> None:
    with ris_live([update(1), b"{", b'{"type":"pong"}', update(2)]) as server:
        link = link_to(server.address)
        (first, second) = islice(link.messages(), 2)
    assert not isinstance(first, Lost)
    assert not isinstance(second, Lost)
    assert [item.time for item in (first[1], second[1])] == [1, 2]
    assert isinstance(first[1], Update)
    assert (link.heard, link.malformed) == (4, 1)
    assert "rrc00" in str(server.asked[0][0])


def test_a_link_that_breaks_is_taken_up_again_and_what_was_missed_is_told() -> None:
    waits: list[float] = []
    with ris_live([update(100), update(101)], [], [update(350)]) as server:
        link = link_to(server.address, waits)
        heard = list(islice(link.messages(), 4))
    assert [one if isinstance(one, Lost) else one[1].time for one in heard] == [100, 101, Lost(101, 350), 350]
    assert (link.losses, len(server.asked)) == (2, 3)
    assert waits == [1, 2]


def test_what_was_missed_since_the_files_before_is_told() -> None:
    with ris_live([update(900)]) as server:
        heard = list(islice(link_to(server.address).messages(last=600), 2))
    assert heard[0] == Lost(600, 900)


def test_a_silent_link_is_dead() -> None:
    with ris_live([update(1)], [update(2)], silent=True) as server:
        link = link_to(server.address, quiet_s=0.05)
        heard = list(islice(link.messages(), 3))
        assert heard[1] == Lost(1, 2)
        assert link.losses == 1


def test_a_complaint_of_the_server_is_kept() -> None:
    complaint = b'{"type":"ris_error","data":{"message":"you are too slow"}}'
    with ris_live([complaint, update(1)]) as server:
        link = link_to(server.address)
        next(link.messages())
    assert link.complaints == ["you are too slow"]


def test_an_address_that_is_none_is_told_in_a_line() -> None:
    with pytest.raises(UserError, match="is no address of a WebSocket"):
        next(link_to("https://example.org").messages())
