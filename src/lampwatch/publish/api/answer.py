"""How a value becomes the body of an answer."""

import msgspec
from fastapi import Response

_ENCODER = msgspec.json.Encoder(decimal_format="number")


def answer(content: object, *, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer. Numbers that JSON has no form for (NaN, infinities) become null."""
    return Response(_ENCODER.encode(content), headers=headers, media_type="application/json")


def download(name: str) -> dict[str, str]:
    """The header that lets a browser keep an answer as a file of this name."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}
