"""A ClientHello written out byte by byte, with or without an Encrypted Client Hello extension, and its first answer.

Python's TLS library knows no ECH. It need not: an extension filled at random (GREASE, RFC 9849 section 6.2) wants no
key, and what a network does to it shows in the very first answer. The handshake is not gone on with.
Sources: RFC 8446 sections 4.1.2 and 4.2, RFC 9849 section 5.
"""

from random import Random
from typing import Final

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, unknown
from lampwatch.probe.step import Receive, Send, Step

_X25519: Final = 0x001D
_GROUPS: Final = (_X25519, 0x0017, 0x0018)
_CIPHERS: Final = (0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8)
_SIGNATURES: Final = (0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)
_VERSIONS: Final = (0x0304, 0x0303)
_PROTOCOLS: Final = (b"h2", b"http/1.1")
_ECH: Final = 0xFE0D
_ECH_OUTER: Final = b"\x00"
_HKDF_SHA256_AES_128_GCM: Final = b"\x00\x01\x00\x01"
_KEY_BYTES: Final = 32
_PAYLOAD_BYTES: Final = 208
"""As long as the inner hello of a common browser, sealed."""

_HANDSHAKE: Final = 22
_ALERT: Final = 21
_CLIENT_HELLO: Final = b"\x01"
_SERVER_HELLO: Final = 2
_RECORD_HEADER: Final = 5


def client_hello(server_name: str, random: Random, *, ech: bool) -> bytes:
    """A TLS 1.3 ClientHello in one record. With ech it has the extension, and is otherwise made alike."""
    nonce, session, key = (random.randbytes(_KEY_BYTES) for _ in range(3))
    extensions = [
        _extension(0x0000, _sized(b"\x00" + _sized(server_name.encode("ascii")))),
        _extension(0x0017, b""),
        _extension(0xFF01, b"\x00"),
        _extension(0x000A, _sized(_numbers(_GROUPS))),
        _extension(0x000B, b"\x01\x00"),
        _extension(0x0010, _sized(b"".join(_sized(name, 1) for name in _PROTOCOLS))),
        _extension(0x000D, _sized(_numbers(_SIGNATURES))),
        _extension(0x0033, _sized(_numbers((_X25519,)) + _sized(key))),
        _extension(0x002D, b"\x01\x01"),
        _extension(0x002B, _sized(_numbers(_VERSIONS), 1)),
    ]
    if ech:
        extensions.append(_extension(_ECH, _grease(random)))
    hello = b"".join(
        (
            b"\x03\x03",
            nonce,
            _sized(session, 1),
            _sized(_numbers(_CIPHERS)),
            b"\x01\x00",
            _sized(b"".join(extensions)),
        )
    )
    return bytes((_HANDSHAKE, 3, 1)) + _sized(_CLIENT_HELLO + _sized(hello, 3))


def first_answer(hello: bytes) -> Step[Failed | None]:
    """Send a ClientHello, and wait for a ServerHello (or a request for another hello): None where one comes."""
    sent = yield Send(hello)
    if isinstance(sent, Failed):
        return sent.during(Operation.TLS_HANDSHAKE)
    answer = b""
    while len(answer) <= _RECORD_HEADER + 1:
        heard = yield Receive()
        if isinstance(heard, Failed):
            return heard.during(Operation.TLS_HANDSHAKE)
        if not heard:
            return Failed(Failure.EOF, Operation.TLS_HANDSHAKE)
        answer += heard
    kind, content = answer[0], answer[_RECORD_HEADER:]
    if kind == _HANDSHAKE and content[0] == _SERVER_HELLO:
        return None
    said = f"alert {content[1]}" if kind == _ALERT else f"a record of type {kind}"
    return unknown(f"{said} in answer to the hello", Operation.TLS_HANDSHAKE, Failure.TLS_FAILED_HANDSHAKE)


def _grease(random: Random) -> bytes:
    """The outer form of the extension: a suite, the number of no key in particular, a key share and a payload."""
    enc, payload = random.randbytes(_KEY_BYTES), random.randbytes(_PAYLOAD_BYTES)
    return _ECH_OUTER + _HKDF_SHA256_AES_128_GCM + random.randbytes(1) + _sized(enc) + _sized(payload)


def _extension(number: int, content: bytes) -> bytes:
    return _numbers((number,)) + _sized(content)


def _numbers(numbers: tuple[int, ...]) -> bytes:
    return b"".join(number.to_bytes(2) for number in numbers)


def _sized(content: bytes, bytes_of_size: int = 2) -> bytes:
    """A vector as TLS writes it: its length first."""
    return len(content).to_bytes(bytes_of_size) + content
