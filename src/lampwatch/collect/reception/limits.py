"""How much one request may bring, and all of them together may hold."""

from typing import Final

import msgspec

from lampwatch.model.measurement import MAX_BYTES

COMPRESSED_BYTES: Final = 8 * 1024 * 1024
DECOMPRESSED_BYTES: Final = MAX_BYTES + 4096
"""The largest document there may be, and room for what is wrapped around it."""
BATCH_DOCUMENTS: Final = 1000
BODIES: Final = 256
MEMORY_BYTES: Final = 128 * 1024 * 1024
BODY_SECONDS: Final = 120.0
SHORT_BYTES: Final = 64 * 1024
"""What a request may bring that submits nothing."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one collector.

    compressed_bytes: of a body as sent. decompressed_bytes: of a body unpacked, or sent plain. documents: in a batch.
    bodies and memory_bytes: of all bodies held at one time. body_seconds: within which a body must have come.
    """

    compressed_bytes: int = COMPRESSED_BYTES
    decompressed_bytes: int = DECOMPRESSED_BYTES
    documents: int = BATCH_DOCUMENTS
    bodies: int = BODIES
    memory_bytes: int = MEMORY_BYTES
    body_seconds: float = BODY_SECONDS


LIMITS: Final = Limits()
