"""The routes of the public API, asked of the application itself."""

import inspect
from unittest.mock import MagicMock

from lampwatch.publish.app import create_app

VERBS = {"get", "post", "put", "patch", "delete"}


def routes() -> list[str]:
    """Each route of the API's description as `GET /api/v1/...`, in order. Pages are not part of it."""
    # Which routes there are does not hang on what the application is given, so it is given nothing real.
    given = {
        name: MagicMock(name=name)
        for name, parameter in inspect.signature(create_app).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
    }
    paths = create_app(**given).openapi()["paths"]
    return sorted(
        f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs if verb in VERBS
    )
