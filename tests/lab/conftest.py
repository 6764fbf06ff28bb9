"""One sandbox for each worker of the tests; where none can be made, tests skip, and fail in CI."""

import os
from collections.abc import Iterator

import pytest

from lampwatch.lab.sandbox import Sandbox, available


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    if reason := available():
        if os.environ.get("CI"):
            pytest.fail(f"the lab must run in CI, and cannot: {reason}")
        pytest.skip(f"no lab: {reason}")
    with Sandbox() as held:
        yield held
