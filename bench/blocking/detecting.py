"""Detection of blocking as the benches call it."""

import importlib
from collections.abc import Callable
from typing import TypeAlias, cast

from lampwatch.detect.blocking.evidence import Evidence
from lampwatch.model.blocking import BlockingIncident

Detect: TypeAlias = Callable[[Evidence], list[BlockingIncident]]
_MODULE = "lampwatch.detect.blocking.incidents"


def detection() -> Detect:
    """Our own detection, with its default setting."""
    try:
        return cast("Detect", importlib.import_module(_MODULE).incidents)
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"lampwatch: there is no {error.name}; this benchmark times and scores it."
        ) from error
