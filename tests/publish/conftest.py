"""Instances to read from. Reading changes nothing, so all tests of a session share them."""

from collections.abc import Iterator

import pytest

from tests.publish.instances import filled, hostile, published, story
from tests.publish.reader import Reader


@pytest.fixture(scope="session")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Kazakhstan in January 2022, as instances.py tells it."""
    with filled(tmp_path_factory.mktemp("told"), story()) as store:
        yield Reader(published(store))


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The same with one measurement whose texts are attacks."""
    told = [*story(), hostile()]
    with filled(tmp_path_factory.mktemp("attacked"), told) as store:
        yield Reader(published(store))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """An instance that nothing was ever given to."""
    with filled(tmp_path_factory.mktemp("empty"), []) as store:
        yield Reader(published(store))
