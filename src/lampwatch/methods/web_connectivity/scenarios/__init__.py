"""Censors, and innocent trouble, that Web Connectivity must be judged rightly under."""

from typing import Final

from lampwatch.lab.scenario import Scenario
from lampwatch.methods.web_connectivity.scenarios.censored import CENSORED
from lampwatch.methods.web_connectivity.scenarios.innocent import INNOCENT
from lampwatch.methods.web_connectivity.scenarios.of_ooni import OF_OONI

SCENARIOS: Final[tuple[Scenario, ...]] = (*INNOCENT, *OF_OONI, *CENSORED)
