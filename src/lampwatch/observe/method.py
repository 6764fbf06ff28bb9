"""What a method gives to observe: which test names it reads, the type of its keys, and its pure extract."""

from typing import Any, Protocol

from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations


class Extractor(Protocol):
    """The part of a method's `extract.py` that reading relies on."""

    @property
    def NAMES(self) -> tuple[str, ...]:  # noqa: N802  (a module constant, seen as a property)
        """The test names it reads."""
        ...

    @property
    def NEEDS_INPUT(self) -> bool:  # noqa: N802  (a module constant, seen as a property)
        """Whether a measurement without an input says nothing."""
        ...

    @property
    def TestKeys(self) -> type[Any]:  # noqa: N802  (a class of the module)
        """The msgspec type of its test_keys."""
        ...

    def extract(self, test_keys: Any, measurement: Measurement, /) -> Observations:  # noqa: ANN401  (its own TestKeys)
        """The observations in the keys; raises MalformedError, and nothing else, where they are not usable."""
        ...
