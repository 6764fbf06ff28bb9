"""A sandbox for each worker, as for the tests of the lab itself."""

from tests.lab.conftest import sandbox

__all__ = ["sandbox"]
