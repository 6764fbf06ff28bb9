"""A later look that knows less of the beginning keeps where something was, as far as that is still so."""

from lampwatch.detect.looks import as_on_record
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.incident import Level, Scope
from tests.detect.found import HOUR, ONSET, blocked

IN_ALMATY = ("KZ-75", "AS9198@KZ")
KNOWN = blocked(scope=Scope.REGIONS, entities=IN_ALMATY, networks=(9198,), beyond=(48503, 29355))


def looked_at_later(**changes: object) -> BlockingIncident:
    """What is kept of a look that sees nothing of the time before it."""
    found = as_on_record(KNOWN, blocked(level=Level.SIGNAL, steps=(), **changes), ONSET + 30 * 24 * HOUR)
    assert isinstance(found, BlockingIncident)
    return found


def test_a_look_that_lost_the_onset_keeps_the_region() -> None:
    made = looked_at_later(networks=(9198,), measured=(9198, 48503))
    assert (made.scope, made.entities, made.level) == (Scope.REGIONS, IN_ALMATY, Level.CORROBORATED)
    # What nobody measures any more is not told of.
    assert made.beyond == (48503,)


def test_what_has_come_to_be_elsewhere_is_not_told_of_the_region_alone() -> None:
    made = looked_at_later(networks=(9198, 48503))
    assert (made.scope, made.beyond, made.level) == (Scope.NETWORKS, (), Level.CORROBORATED)
