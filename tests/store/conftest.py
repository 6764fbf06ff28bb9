from collections.abc import Iterator
from pathlib import Path

import pytest

from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.protocol import Store
from tests.store.samples import store_at


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    with store_at(tmp_path) as opened:
        yield opened


@pytest.fixture
def as_promised(store: DuckDBStore) -> Store:
    """The same store, which mypy thereby holds to the protocol."""
    return store
