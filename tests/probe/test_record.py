import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.probe.record import Mark, Record, Traffic, binary, text_or_binary
from tests.probe.scripted import ScriptedClock


def test_marks_are_numbered_from_one_and_keep_their_tags() -> None:
    record = Record(ScriptedClock())
    assert [record.mark("depth=0", "x"), record.mark()] == [Mark(1, ("depth=0", "x")), Mark(2)]


def test_times_are_seconds_since_the_measurement_began() -> None:
    clock = ScriptedClock()
    clock.passed = 50.0
    record = Record(clock)
    clock.passed = 50.25
    t0 = record.now()
    clock.passed = 51.5
    assert record.times(t0, Mark(3, ("a",))) == {"t0": 0.25, "t": 1.5, "tags": ["a"], "transaction_id": 3}


def test_an_event_happens_at_one_moment() -> None:
    record = Record(ScriptedClock())
    record.event("connect", Mark(1), address="192.0.2.1:80")
    [event] = record.network_events
    assert (event["operation"], event["failure"], event["t0"]) == ("connect", None, event["t"])


def test_requests_are_written_newest_first() -> None:
    record = Record(ScriptedClock())
    record.requests += [{"n": 1}, {"n": 2}]
    assert record.test_keys()["requests"] == [{"n": 2}, {"n": 1}]


def test_the_whole_record_can_be_written_as_json() -> None:
    record = Record(ScriptedClock())
    record.event("resolve_start", record.mark("x"), failure=None)
    assert msgspec.json.decode(msgspec.json.encode(record.test_keys())).keys() == record.test_keys().keys()


@given(st.binary())
def test_bytes_are_text_where_they_are_text_and_else_base64(content: bytes) -> None:
    written = text_or_binary(content)
    if isinstance(written, str):
        assert written.encode() == content
    else:
        assert written == binary(content)
        assert written["format"] == "base64"


def traffic() -> tuple[Traffic, Record]:
    record = Record(ScriptedClock())
    return Traffic(record, "192.0.2.1:443", "tcp", Mark(1)), record


def test_a_read_is_noted_with_its_size_and_the_records_in_it() -> None:
    noting, record = traffic()
    noting.note("read", 0.0, 5, None, [{"type": "alert", "length": 2}])
    noting.note("write", 0.0, 7, None)
    read, write = record.network_events
    assert (read["num_bytes"], read["proto"], read["address"]) == (5, "tcp", "192.0.2.1:443")
    assert read["tls_records"] == [{"type": "alert", "length": 2}]
    assert "tls_records" not in write


def test_of_many_reads_the_first_are_kept_and_the_others_summed_up_at_the_end() -> None:
    noting, record = traffic()
    for _ in range(1000):
        noting.note("read", 0.0, 10, None)
    noting.note("read", 0.0, 0, "connection_reset")
    noting.end()
    events = record.network_events
    assert len(events) < 100
    assert sum(event["num_bytes"] for event in events) == 10_000
    assert (events[-1]["operation"], events[-2]["failure"]) == ("read_more", "connection_reset")


def test_the_sum_is_noted_once() -> None:
    noting, record = traffic()
    for _ in range(100):
        noting.note("write", 0.0, 1, None)
    noting.end()
    noting.end()
    assert [event["operation"] for event in record.network_events].count("write_more") == 1
