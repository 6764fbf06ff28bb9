"""A registry of its own for every test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.store.references.registry_server import Registry, serving


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving() as found:
        yield found
