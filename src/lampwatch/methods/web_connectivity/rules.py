"""The rule book of Web Connectivity: that of every web site (`judge/web/book.py`)."""

from typing import Final

from lampwatch.judge.references import References
from lampwatch.judge.rule import decide_by_chapters
from lampwatch.judge.web.book import WEB_BOOK, WEB_RULES
from lampwatch.judge.web.facts import WebFacts
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict

RULES: Final = WEB_RULES


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict: on the host that the input URL names."""
    web = WebFacts(measurement.input, measurement, observations, references)
    return [decide_by_chapters(WEB_BOOK, web)]
