"""Documents that are wrong in the ways in which measurements have been, or a liar could make them, wrong.

A mutation changes the JSON tree, or the bytes. All chance comes from the Random it is given: the same seed gives the
same document.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random
from typing import Any

Tree = Any

# What JSON can hold and Python's writer cannot is put in place in the written text.
_DEEP = "@deep@"
_TWICE = "@twice@"
_BARE = "@bare@"

DEPTHS = (50, 900, 1100, 20_000)
NUMBERS: tuple[Any, ...] = (
    0, -1, -443, 1, 65_536, 2**31, -(2**31), 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30, 1e308, 0.1, -0.0,
    float("nan"), float("inf"), float("-inf"), 1e-320,
)  # fmt: skip
TEXTS = (
    "", " ", "\0", "a\0b", "NaN", "null", "-1", "٣", "²", "AS", "AS-1", "AS99999999999", "AS²", "\ud800", "x\udfffy",
    "\u202e\u200b", "é" * 40, "İ", "ß.example", "xn--", "xn--\u0131", ".", "..", "a" * 70_000, "unknown_failure: x",
    "true", "false", "[::1", "[::1]:99999", "::1%eth0", "1.2.3.4:", ":443", "256.1.1.1", "0.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::a0a:2223", "http://", "http://[", "http://[::1", "https://a:b@c:d/", "https://é\ud800/", "//x", "x://y:0",
    "https://example.org:99999/", "https://example.org:²/", "depth=99999999999", "depth=²", "depth=-1",
)  # fmt: skip
TIMES = (
    "", "0000-00-00 00:00:00", "9999-12-31 23:59:59", "2026-02-30 00:00:00", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "2026-03-01 25:61:61", "2026-W09-7", "1e400", "now", "\uff12026-03-01 00:00:00",
)  # fmt: skip
ADDRESSES = (
    "", "10.10.34.35", "0.0.0.1", "127.0.0.1", "256.1.1.1", "1.2.3", "::1", "::", "::ffff:10.0.0.1",
    "64:ff9b::a0a:2223", "fe80::1%eth0",
    "2001:db8::7", "203.0.113.7", "example.org", "1" * 100, "\0", "\ud800", "é" * 40, " 203.0.113.7",
)  # fmt: skip
ENDPOINTS = (
    *ADDRESSES,
    "203.0.113.7:443",
    "[::1]:99999",
    "[2001:db8::7]:443",
    ":443",
    "1.2.3.4:",
    "a:b:c",
    "[",
    "1.2.3.4:²",
)
NAMES = (
    "", ".", "..", "example.org.", "EXAMPLE.org", "a" * 300, "xn--", "é.example", "İ.example", "\ud800.example", "\0",
    "www.example.org", "203.0.113.7", "stun.fbsbx.com", "e1.whatsapp.net", "web.telegram.org", "a b", "_._", "-",
)  # fmt: skip
URLS = (
    *[text for text in TEXTS if ":" in text or "//" in text],
    "http://example.org/", "https://EXAMPLE.org", "https://example.org:443/?q=\ud800", "http://10.10.34.35:8080/blocked",
    "stun://example.org", "openvpn://riseup.corp/?address=1.2.3.4:1&transport=udp", "dot://[::1", "data:,", "\\\\x\\y",
)  # fmt: skip
FAILURES = (
    None, "", "connection_reset", "generic_timeout_error", "eof_error", "connection_refused", "dns_nxdomain_error",
    "dns_no_answer", "dns_bogon_error", "ssl_unknown_authority", "ssl_invalid_hostname", "network_unreachable",
    "interrupted", "unknown_failure: \ud800", True, False,
)  # fmt: skip
WHOLE = (-(2**70), -(2**63), -1, 0, 1, 2, 80, 443, 65_536, 2**31, 2**32, 2**63 - 1, 2**63, 2**70)
CODES = (*WHOLE, 100, 200, 204, 301, 302, 403, 451, 503, 999, 1000)
PAGES = (
    "",
    "Home",
    "<title>",
    "<title>\ud800</title>",
    "<TITLE x>Home</TITLE>",
    "\0" * 9000,
    "é\ud83d" * 5000,
    "\\" * 9000,
)
# What is worth trying where: a value of the right kind is read, and goes on to be judged.
FITTING: dict[str, Sequence[Any]] = {
    **dict.fromkeys(("ip", "ipv4", "ipv6"), ADDRESSES),
    **dict.fromkeys(("address", "resolver_address", "endpoint", "target_address"), ENDPOINTS),
    **dict.fromkeys(("hostname", "server_name", "outer_server_name", "target_name", "provider"), NAMES),
    **dict.fromkeys(("url", "input", "Location"), URLS),
    **dict.fromkeys(("failure", "control_failure", "bootstrap_failure", "error"), FAILURES),
    **dict.fromkeys(("transaction_id", "port", "asn", "body_length"), WHOLE),
    **dict.fromkeys(("code", "status_code"), CODES),
    **dict.fromkeys(("body", "title", "Server"), PAGES),
    **dict.fromkeys(("success", "status", "no_tls_verify", "body_is_truncated"), (True, False, None)),
    **dict.fromkeys(
        ("query_type", "engine", "operation", "target_protocol"),
        ("A", "AAAA", "doh", "udp", "dot", "obfs4", ""),
    ),
    **dict.fromkeys(("t", "t0"), (-1, 0, 1e308, -1e308, 5e-324, 2**70, None)),
    **dict.fromkeys(("addrs", "tags"), ([], [""], ["depth=1"], ["depth=-1"], list(ADDRESSES))),
    **dict.fromkeys(
        ("queries", "requests", "tcp_connect", "tls_handshakes", "answers", "control"), (None, [])
    ),
    "test_name": ("tor", "signal", "web_connectivity", "telegram", "dash", "TOR", "x" * 70, ""),
}
BARE = (1, -7, 2, 443, 2**70, "1e999", "NaN", "01")
BINARIES: tuple[Any, ...] = (
    {"format": "base64", "data": "%%%"}, {"format": "base64", "data": "QQ"}, {"format": "base64", "data": "é"},
    {"format": "base64", "data": None}, {"format": "rot13", "data": "x"}, {"format": None}, {},
    {"format": "base64", "data": "gICAgA=="}, {"format": "base64", "data": "PHRpdGxlPuKC"},
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], [None], {"": None}, [[], {}], "x", _DEEP)


def mutated(seed: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Change a document in one to four places, seldom its bytes, else its tree, or both."""
    if random.random() < 0.1:
        return _changed_bytes(seed, random)
    tree = _tree(seed)
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        change = random.choice(CHANGES)
        tree = change(tree, others, random)
    raw = written(tree, random)
    return _changed_bytes(raw, random) if random.random() < 0.05 else raw


@lru_cache(maxsize=512)
def _tree(seed: bytes) -> Tree:
    # No change is made in place, so that one tree serves many mutations.
    return json.loads(seed)


def written(tree: Tree, random: Random) -> bytes:
    """A tree as JSON, or what passes for it."""
    plain = random.random() < 0.5
    text = json.dumps(tree, ensure_ascii=plain, separators=(",", ":") if plain else None)
    if _DEEP in text:
        depth = random.choice(DEPTHS)
        opened, closed = random.choice((("[", "]"), ('{"x":', "}"), ("[", "")))
        inner = "" if opened == "[" else "1"
        text = text.replace(f'"{_DEEP}"', opened * depth + inner + closed * depth)
    text = text.replace(_TWICE, "").replace(f'"{_BARE}', "").replace(f'{_BARE}"', "")
    return text.encode("utf-8", "surrogatepass")


def _changed_bytes(raw: bytes, random: Random) -> bytes:
    at = random.randrange(len(raw) + 1)
    match random.randrange(7):
        case 0:
            return raw[:at]
        case 1:
            changed = bytearray(raw)
            for _ in range(random.choice((1, 2, 16))):
                if changed:
                    changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
            return bytes(changed)
        case 2:
            return raw[:at] + random.randbytes(random.choice((1, 2, 8, 64))) + raw[at:]
        case 3:
            return raw[:at] + raw[at + random.randrange(1, 200) :]
        case 4:
            return raw[:at] + raw[max(0, at - random.randrange(1, 200)) :]
        case 5:
            return random.choice(
                (
                    b"",
                    b"\0",
                    b"\xef\xbb\xbf" + raw,
                    raw + raw,
                    raw.decode("utf-8", "replace").encode("utf-16"),
                )
            )
        case _:
            junk = random.choice(
                (
                    b'"test_name"',
                    b'"test_name":"tor"',
                    b"\\",
                    b'"',
                    b"\\ud800",
                    b"\xed\xa0\x80",
                    b"NaN",
                    b"[" * 2000,
                )
            )
            return raw[:at] + junk + raw[at:]


def _place(tree: Tree, random: Random) -> tuple[Any, ...]:
    """The way to some part of a tree, mostly deep within test_keys."""
    way: list[Any] = []
    while isinstance(tree, dict | list) and tree and (not way or random.random() < 0.85):
        if not way and "test_keys" in tree and random.random() < 0.7:
            step: Any = "test_keys"
        elif isinstance(tree, dict):
            step = random.choice(list(tree))
        else:
            step = random.randrange(len(tree))
        way.append(step)
        tree = tree[step]
    return tuple(way)


def _at(tree: Tree, way: Sequence[Any]) -> Tree:
    for step in way:
        tree = tree[step]
    return tree


def _with(tree: Tree, way: Sequence[Any], change: Callable[[Tree], Tree]) -> Tree:
    """A tree with one part changed; all else is shared with the old one."""
    if not way:
        return change(tree)
    copy = tree.copy()
    copy[way[0]] = _with(tree[way[0]], way[1:], change)
    return copy


def _drop(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    way = _place(tree, random)
    if not way:
        return tree

    def without(parent: Tree) -> Tree:
        if isinstance(parent, dict):
            return {key: value for key, value in parent.items() if key != way[-1]}
        return parent[: way[-1]] + parent[way[-1] + 1 :]

    return _with(tree, way[:-1], without)


def _set_to(values: Sequence[Any]) -> Callable[[Tree, Sequence[bytes], Random], Tree]:
    def change(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
        value = random.choice(values)
        return _with(tree, _place(tree, random), lambda _: value)

    return change


def _fitting(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    # Often the same change is needed in many places before it makes a difference to the verdict.
    name = random.choice(list(FITTING))
    values = random.sample(FITTING[name], k=min(2, len(FITTING[name])))
    share = random.choice((0.1, 0.5, 1.0))

    def changed(value: Tree) -> Tree:
        if isinstance(value, list):
            return [changed(part) for part in value]
        if not isinstance(value, dict):
            return value
        return {
            key: random.choice(values) if key == name and random.random() < share else changed(part)
            for key, part in value.items()
        }

    return changed(tree)


def _as_text(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    # A number as text, a text as a number, and whatever else as its own JSON.
    def other(value: Tree) -> Tree:
        if isinstance(value, str):
            return f"{_BARE}{random.choice((1, -7, 2, 443, 2**70, '1e999', 'NaN', '01'))}{_BARE}"
        return json.dumps(value)[:70_000]

    return _with(tree, _place(tree, random), other)


def _time(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    fields = ("measurement_start_time", "test_start_time")
    value = random.choice((*TIMES, *NUMBERS))
    changed = {field: value for field in fields if random.random() < 0.8}
    return {**tree, **changed} if isinstance(tree, dict) else tree


def _many(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    def more(value: Tree) -> Tree:
        times = random.choice((0, 2, 50, 1000))
        if isinstance(value, list):
            return value[:3] * times
        if isinstance(value, dict):
            return {f"{key}{n}": part for n in range(min(times, 50)) for key, part in list(value.items())[:5]}
        return [value] * times

    return _with(tree, _place(tree, random), more)


def _twice(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    # The same key a second time, with another value.
    value = random.choice((*OTHERS, *NUMBERS, *TEXTS))
    way = _place(tree, random)

    def doubled(parent: Tree) -> Tree:
        if isinstance(parent, dict) and isinstance(way[-1], str):
            return {**parent, way[-1] + _TWICE: value}
        return parent

    return _with(tree, way[:-1], doubled) if way else tree


def _renamed(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    name = random.choice(TEXTS)

    def with_name(value: Tree) -> Tree:
        if not isinstance(value, dict) or not value:
            return value
        key = random.choice(list(value))
        return {name if old == key else old: part for old, part in value.items()}

    return _with(tree, _place(tree, random), with_name)


def _swapped(tree: Tree, _others: Sequence[bytes], random: Random) -> Tree:
    one, two = _place(tree, random), _place(tree, random)
    if one[: len(two)] == two or two[: len(one)] == one:
        return tree
    first, second = _at(tree, one), _at(tree, two)
    return _with(_with(tree, one, lambda _: second), two, lambda _: first)


def _spliced(tree: Tree, others: Sequence[bytes], random: Random) -> Tree:
    # A part of another document, or all its keys under this one's name.
    other = _tree(random.choice(others))
    if random.random() < 0.3 and isinstance(tree, dict) and isinstance(other, dict):
        return {**tree, "test_keys": other.get("test_keys")}
    value = _at(other, _place(other, random))
    return _with(tree, _place(tree, random), lambda _: value)


CHANGES: tuple[Callable[[Tree, Sequence[bytes], Random], Tree], ...] = (
    *[_fitting] * 6, _drop, _set_to(OTHERS), _set_to(NUMBERS), _set_to(TEXTS), _set_to(TEXTS), _set_to(BINARIES),
    _as_text, _time, _many, _twice, _renamed, _swapped, _spliced,
)  # fmt: skip
