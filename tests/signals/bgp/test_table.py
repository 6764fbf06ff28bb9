import random

from lampwatch.formats.mrt.prefix import parse
from lampwatch.formats.mrt.records import Key
from lampwatch.signals.bgp.sessions import Session
from lampwatch.signals.bgp.table import OriginNames, Table

EVERYBODY = (1 << 64) - 1


def key(prefix: str) -> Key:
    return parse(prefix)[0]


def fresh() -> tuple[Table, OriginNames, list[Session]]:
    names = OriginNames()
    return Table(names, 0), names, [Session(number, settled=True) for number in range(4)]


def seen_from(table: Table, names: OriginNames, prefix: str) -> dict[tuple[int, ...], int]:
    return {
        names[origin]: bits
        for origin, bits in table.origins(table.keys.index(key(prefix)), EVERYBODY)
        if bits
    }


def test_a_prefix_is_seen_by_those_who_announced_it_and_did_not_withdraw_it() -> None:
    table, names, (a, b, _, _) = fresh()
    table.announce(a, [key("10.0.0.0/8")], (1,))
    table.announce(b, [key("10.0.0.0/8")], (1,))
    table.withdraw(a, [key("10.0.0.0/8"), key("11.0.0.0/8")])
    assert seen_from(table, names, "10.0.0.0/8") == {(1,): b.bit}
    assert (a.counts[0], b.counts[0]) == (0, 1)


def test_announcing_again_is_no_second_prefix_and_no_news() -> None:
    table, _, (a, *_) = fresh()
    table.announce(a, [key("10.0.0.0/8")], (1,))
    table.touched.clear()
    table.announce(a, [key("10.0.0.0/8")], (1,))
    assert (a.counts[0], table.touched) == (1, set())


def test_each_session_has_its_own_origin_for_a_prefix() -> None:
    table, names, (a, b, c, _) = fresh()
    for session, origin in ((a, 1), (b, 1), (c, 2)):
        table.announce(session, [key("10.0.0.0/8")], (origin,))
    assert seen_from(table, names, "10.0.0.0/8") == {(1,): a.bit | b.bit, (2,): c.bit}
    table.announce(a, [key("10.0.0.0/8")], (2,))
    table.withdraw(c, [key("10.0.0.0/8")])
    assert seen_from(table, names, "10.0.0.0/8") == {(1,): b.bit, (2,): a.bit}


def test_two_spellings_of_a_prefix_are_one() -> None:
    table, _, (a, b, _, _) = fresh()
    table.announce(a, [b"\x09\x0a\x80"], (1,))
    table.announce(b, [b"\x09\x0a\xff"], (1,))
    table.withdraw(b, [b"\x09\x0a\xbb"])
    assert (len(table), table.seen) == (1, [a.bit])


def test_a_prefix_with_several_paths_is_seen_until_the_last_is_gone() -> None:
    table, names, (a, *_) = fresh()
    one, two = b"\0\0\0\1" + key("10.0.0.0/8"), b"\0\0\0\2" + key("10.0.0.0/8")
    table.announce_paths(a, [one], (1,))
    table.announce_paths(a, [two], (2,))
    table.withdraw_paths(a, [two])
    assert seen_from(table, names, "10.0.0.0/8") == {(1,): a.bit}
    table.withdraw_paths(a, [two, one])
    assert seen_from(table, names, "10.0.0.0/8") == {}


def test_sessions_that_are_over_are_forgotten() -> None:
    table, names, (a, b, c, _) = fresh()
    for session, origin in ((a, 1), (b, 2), (c, 3)):
        table.announce(session, [key("10.0.0.0/8")], (origin,))
    table.forget(b.bit)
    assert seen_from(table, names, "10.0.0.0/8") == {(2,): b.bit}


def test_a_table_agrees_with_a_plain_one_whatever_comes() -> None:
    chance = random.Random(5)
    table, names, sessions = fresh()
    plain: dict[tuple[int, Key], int] = {}
    prefixes = [key(f"10.{n}.0.0/16") for n in range(12)]
    for step in range(20_000):
        session, prefix, origin = chance.choice(sessions), chance.choice(prefixes), chance.randrange(1, 4)
        match chance.randrange(4):
            case 0:
                table.withdraw(session, [prefix])
                plain.pop((session.number, prefix), None)
            case 1 if not any(k == prefix for _, k in plain):
                table.load(prefix, sessions[:2], [(origin,), (origin,)])
                plain |= {(one.number, prefix): origin for one in sessions[:2]}
            case _:
                table.announce(session, [prefix], (origin,))
                plain[session.number, prefix] = origin
        if step % 500:
            continue
        for number, prefix in enumerate(table.keys):
            expected: dict[tuple[int, ...], int] = {}
            for one in sessions:
                if (found := plain.get((one.number, prefix))) is not None:
                    expected[found,] = expected.get((found,), 0) | one.bit
            told = {names[o]: bits for o, bits in table.origins(number, EVERYBODY) if bits}
            assert told == expected
        for one in sessions:
            assert one.counts[0] == sum(number == one.number for number, _ in plain)
