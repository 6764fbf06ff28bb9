"""The routes of the public API, asked of the application itself."""

import inspect
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

from lampwatch.collect.reception.routes import Reception
from lampwatch.publish.app import create_app

VERBS = {"get", "post", "put", "patch", "delete"}


def routes() -> list[str]:
    """Each route of the API's description as `GET /api/v1/...`, in order. Pages are not part of it."""
    paths = create_app(
        **_nothing_for(create_app), further=[Reception(**_nothing_for(Reception)).router]
    ).openapi()["paths"]
    return sorted(
        f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs if verb in VERBS
    )


def _nothing_for(maker: Callable[..., object]) -> dict[str, Any]:
    """Stand-ins for what must be given: which routes there are does not hang on it."""
    return {
        name: MagicMock(name=name)
        for name, parameter in inspect.signature(maker).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    }
