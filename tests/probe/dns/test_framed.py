import itertools

from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.dns.framed import Heard, ask_over_stream, framed
from lampwatch.probe.dns.message import Question, Reply, question
from lampwatch.probe.failed import Failed
from tests.probe.conversation import Conversation, End, Reset, Silence
from tests.probe.servers import Zone, dns_reply

NAME = "www.example.org"
ZONE: Zone = {(NAME, "A"): ["93.184.216.34"]}


def asked() -> Question:
    found = question(NAME, "A", number=7)
    assert isinstance(found, Question)
    return found


def talk() -> Conversation[Heard]:
    conversation = Conversation(ask_over_stream(asked()))
    conversation.hears(framed(asked().wire))
    return conversation


@given(st.lists(st.integers(1, 60), max_size=5))
def test_a_reply_in_any_pieces_is_the_same_reply(cuts: list[int]) -> None:
    whole = framed(dns_reply(asked().wire, ZONE))
    edges = sorted({0, *[cut for cut in cuts if cut < len(whole)], len(whole)})
    conversation = talk()
    for start, end in itertools.pairwise(edges):
        conversation.says(whole[start:end])
    outcome = conversation.outcome.outcome
    assert isinstance(outcome, Reply)
    assert outcome.addresses == ("93.184.216.34",)


def test_a_reply_to_something_else_is_passed_over() -> None:
    conversation = talk()
    stray, fitting = dns_reply(asked().wire, {}, number=8), dns_reply(asked().wire, ZONE)
    conversation.says(framed(stray) + framed(fitting))
    assert isinstance(conversation.outcome.outcome, Reply)
    assert [raw for raw, _ in conversation.outcome.strays] == [stray]


def test_where_only_strays_came_they_are_the_failure() -> None:
    conversation = talk()
    conversation.says(framed(dns_reply(asked().wire, {}, number=8)))
    conversation.says(Silence())
    assert conversation.outcome.outcome == Failed(Failure.DNS_WRONG_QUERY_ID, Operation.RESOLVE)


def test_a_flood_of_strays_ends() -> None:
    conversation = talk()
    conversation.says(framed(dns_reply(asked().wire, {}, number=8)) * 1000)
    assert conversation.outcome.outcome == Failed(Failure.DNS_WRONG_QUERY_ID, Operation.RESOLVE)


def test_an_end_within_the_reply_is_an_end_of_file() -> None:
    conversation = talk()
    conversation.says(framed(dns_reply(asked().wire, ZONE))[:20])
    conversation.says(End())
    assert conversation.outcome.outcome == Failed(Failure.EOF, Operation.RESOLVE)


def test_a_reset_is_a_reset_of_the_lookup() -> None:
    conversation = talk()
    conversation.says(Reset())
    assert conversation.outcome.outcome == Failed(Failure.CONNECTION_RESET, Operation.RESOLVE)


def test_a_question_that_cannot_be_sent_is_a_failure() -> None:
    conversation = Conversation(ask_over_stream(asked()))
    conversation.breaks(Reset())
    assert conversation.outcome.outcome == Failed(Failure.CONNECTION_RESET, Operation.RESOLVE)
