"""Persons who sign, with keys that are always the same, for tests."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lampwatch.store.signers import Signer


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def signer(name: str, number: int) -> Signer:
    return Signer(name, key(number).public_key().public_bytes_raw())


AIDA, BOLAT = signer("Aida", 1), signer("Bolat N.", 2)
AIDAS_KEY, BOLATS_KEY = key(1), key(2)
