"""What the probe asks of a method."""

from typing import Any, Protocol

from lampwatch.probe.kit import Kit


class Measurer(Protocol):
    """`methods/NAME/measure.py`, as a module.

    A module may say TARGET_IS_HELPER = True, where what it is told to measure with is no input but a helper, and is
    written as such.
    """

    TEST_NAME: str
    """The name that the measurements carry."""
    TEST_VERSION: str

    async def measure(self, kit: Kit, target: str) -> dict[str, Any]:
        """Measure once and return test_keys. target is the method's input, empty where it has none.

        Raises UserError where target is nothing that this method can measure. Whatever the network does is no error.
        """
        ...
