import asyncio

from lampwatch.model.failure import Failure
from lampwatch.probe.failed import Failed
from lampwatch.probe.http import Request
from lampwatch.probe.visit import MOST_ADDRESSES, addresses_of, connected, entries_of, visit
from tests.probe.scripted import Says, ScriptedNetwork, Server, kit_over
from tests.probe.servers import trusting, website

NAME, FIRST, SECOND = "site.test", "192.0.2.1", "192.0.2.2"


def silent() -> Server:
    return Says()


def test_ipv4_comes_first_and_addresses_are_few() -> None:
    told = ["2001:db8::1", *(f"192.0.2.{n}" for n in range(1, 9))]
    kit = kit_over(ScriptedNetwork({NAME: told}))
    assert asyncio.run(addresses_of(kit, NAME)) == told[1 : 1 + MOST_ADDRESSES]


def test_no_address_of_our_own_is_given() -> None:
    kit = kit_over(ScriptedNetwork({NAME: ["127.0.0.1", FIRST]}))
    assert asyncio.run(addresses_of(kit, NAME)) == [FIRST]


def test_the_next_address_is_tried_where_one_does_not_connect() -> None:
    network = ScriptedNetwork(streams={FIRST: Failure.CONNECTION_REFUSED, SECOND: silent})
    kit = kit_over(network)
    found = asyncio.run(connected(kit, [FIRST, SECOND], 443))
    assert not isinstance(found, Failed)
    assert found.stream.address == f"{SECOND}:443"


def test_without_an_address_there_is_no_connection() -> None:
    found = asyncio.run(connected(kit_over(ScriptedNetwork()), [], 443))
    assert isinstance(found, Failed)
    assert found.failure is Failure.DNS_NO_ANSWER


def test_a_visit_is_one_exchange() -> None:
    network = ScriptedNetwork({NAME: [FIRST]}, {FIRST: website(NAME)})
    kit = kit_over(network, trust=trusting(network.clock))
    exchange = asyncio.run(visit(kit, Request(scheme="https", host=NAME)))
    assert exchange is not None
    assert exchange.response is not None
    assert exchange.response.status == 200
    assert [end.closed for end in network.ends] == [True]


def test_entries_are_told_apart_by_their_mark() -> None:
    kit = kit_over(ScriptedNetwork())
    first, second = kit.record.mark(), kit.record.mark()
    for mark in (first, second):
        kit.record.event("connect", mark)
    [entry] = entries_of(kit.record.network_events, second)
    assert entry["transaction_id"] == second.transaction_id
