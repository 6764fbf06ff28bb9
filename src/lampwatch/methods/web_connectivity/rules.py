"""The rule book of Web Connectivity. The first rule that holds decides; the others that hold are findings.

Order: what cannot be judged, then the name, then reaching the site, then its answer, then the host a redirect led to,
then what is well, then what is down for everybody, and at last what nobody can tell.
"""

from typing import Final

from lampwatch.judge.references import References
from lampwatch.judge.rule import Rule, decide
from lampwatch.judge.web.dns_rules import DNS_RULES
from lampwatch.judge.web.facts import WebFacts
from lampwatch.judge.web.outcome_rules import DOWN_RULES, OK_RULES, UNJUDGEABLE_RULES, UNKNOWN_RULES
from lampwatch.judge.web.page_rules import PAGE_RULES
from lampwatch.judge.web.redirect_rules import REDIRECT_RULES
from lampwatch.judge.web.transport_rules import TRANSPORT_RULES
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict

RULES: Final[tuple[Rule[WebFacts], ...]] = (
    *UNJUDGEABLE_RULES,
    *DNS_RULES,
    *TRANSPORT_RULES,
    *PAGE_RULES,
    *REDIRECT_RULES,
    *OK_RULES,
    *DOWN_RULES,
    *UNKNOWN_RULES,
)


def assess(measurement: Measurement, observations: Observations, references: References) -> list[Verdict]:
    """One verdict: on the host that the input URL names."""
    return [decide(RULES, WebFacts(measurement.input, measurement, observations, references))]
