"""What a method gives to judge: its rule book, and how it picks targets out of its observations."""

from typing import Any, Protocol

from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict


class Assessor(Protocol):
    """The part of a method's `rules.py` that judging relies on."""

    @property
    def RULES(self) -> tuple[Rule[Any], ...]:  # noqa: N802  (a module constant, seen as a property)
        """Its rule book, in order; rules of several kinds of facts may stand in one book."""
        ...

    def assess(
        self, measurement: Measurement, observations: Observations, references: References, /
    ) -> list[Verdict]:
        """One verdict for each target the measurement says something about; pure, and never raises."""
        ...
