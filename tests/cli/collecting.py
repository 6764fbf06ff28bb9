"""Probes that submit to a served data directory, over a real connection."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from tests.cli.running import LONG_S


class NoAnswerError(Exception):
    """The collector was not there, or went away before it had answered."""


def posted(address: str, path: str, body: bytes, **headers: str) -> tuple[int, Any]:
    """One request's status and answer. Raises NoAnswerError."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(address + path, body, sent)  # noqa: S310  an address of our own program
    try:
        with urllib.request.urlopen(request, timeout=LONG_S) as response:  # noqa: S310  as above
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
    except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
        raise NoAnswerError from error


def batch(documents: Sequence[bytes]) -> bytes:
    """Documents as a batch; each has its place as key."""
    return b"".join(b'{"key":"%d","content":%s}\n' % each for each in enumerate(documents))


def submitted(address: str, documents: Sequence[bytes]) -> list[dict[str, Any]]:
    """What a collector said of each document. Raises NoAnswerError."""
    status, answer = posted(address, "api/v2/measurements", batch(documents))
    assert status == 200, answer
    results: list[dict[str, Any]] = answer["results"]
    return results
