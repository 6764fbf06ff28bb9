import contextlib

from lampwatch.probe.control_service.limits import Admission, Limits
from lampwatch.probe.control_service.question import Refused
from tests.probe.scripted import ScriptedClock

SALT = b"0123456789abcdef"
A, B = "198.51.100.1", "198.51.100.2"


def admission(clock: ScriptedClock, **limits: float) -> Admission:
    return Admission(Limits(**limits), clock.monotonic, SALT)  # type: ignore[arg-type]  # figures by name


def status(door: Admission, client: str) -> int:
    with door.admitted(client) as refused:
        return refused.status if isinstance(refused, Refused) else 200


def test_a_client_that_asks_too_often_is_refused_until_time_has_passed() -> None:
    clock = ScriptedClock()
    door = admission(clock, per_minute=60.0, burst=2)
    assert [status(door, A) for _ in range(3)] == [200, 200, 429]
    clock.passed += 1.0
    assert [status(door, A) for _ in range(2)] == [200, 429]


def test_silence_saves_up_no_more_than_the_burst() -> None:
    clock = ScriptedClock()
    door = admission(clock, per_minute=60.0, burst=2)
    status(door, A)
    clock.passed += 3600.0
    assert [status(door, A) for _ in range(3)] == [200, 200, 429]


def test_one_client_s_haste_is_not_another_s() -> None:
    door = admission(ScriptedClock(), burst=1)
    assert [status(door, client) for client in (A, A, B)] == [200, 429, 200]


def test_the_addresses_of_one_ipv6_network_are_one_client() -> None:
    door = admission(ScriptedClock(), burst=1)
    assert [status(door, ip) for ip in ("2a00:1:2:3::1", "2a00:1:2:3:ffff::9", "2a00:1:2:4::1")] == [
        200,
        429,
        200,
    ]


def test_a_mapped_address_is_the_ipv4_client_that_it_is() -> None:
    door = admission(ScriptedClock(), burst=1)
    assert [status(door, ip) for ip in (A, f"::ffff:{A}", f"::ffff:{B}")] == [200, 429, 200]


def test_one_client_has_only_so_many_questions_open() -> None:
    door = admission(ScriptedClock(), at_once_each=2)
    with contextlib.ExitStack() as open_questions:
        for _ in range(2):
            assert open_questions.enter_context(door.admitted(A)) is None
        assert status(door, A) == 429
        assert status(door, B) == 200
    assert status(door, A) == 200


def test_all_clients_together_have_only_so_many_questions_open() -> None:
    door = admission(ScriptedClock(), at_once=1)
    with door.admitted(A):
        assert status(door, B) == 503
    assert status(door, B) == 200


def test_a_question_that_failed_gives_its_place_back() -> None:
    door = admission(ScriptedClock(), at_once=1)
    with contextlib.suppress(RuntimeError), door.admitted(A):
        raise RuntimeError
    assert status(door, A) == 200


def test_only_so_many_clients_are_remembered() -> None:
    door = admission(ScriptedClock(), burst=1)
    for number in range(20_010):
        status(door, f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(door._clients) == 20_000
    assert status(door, "10.0.0.0") == 200


def test_no_address_is_kept() -> None:
    door = admission(ScriptedClock())
    status(door, A)
    (kept,) = door._clients
    assert A.encode() not in kept
    other = Admission(Limits(), ScriptedClock().monotonic, b"another salt 1234")
    status(other, A)
    assert kept not in other._clients
