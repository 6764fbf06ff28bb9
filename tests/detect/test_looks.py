"""A later look that knows less of the beginning keeps where something was, as far as that is still so."""

import msgspec

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


def test_networks_that_came_later_are_not_counted_in_the_region() -> None:
    made = looked_at_later(networks=(9198,), measured=(9198, 48503, 60000))
    assert (made.scope, made.beyond) == (Scope.REGIONS, (48503, 60000))


def test_what_a_person_confirmed_is_told_of_the_region_where_it_is_now() -> None:
    there = {"scope": Scope.REGIONS, "entities": ("KZ-71", "KZ-75"), "beyond": (29355,), "networks": (9198,)}
    confirmed = msgspec.structs.replace(KNOWN, level=Level.CONFIRMED)
    made = as_on_record(confirmed, blocked(**there), ONSET + 30 * 24 * HOUR)
    assert isinstance(made, BlockingIncident)
    assert (made.entities, made.beyond, made.level) == (("KZ-71", "KZ-75"), (29355,), Level.CORROBORATED)


def test_what_has_come_to_be_elsewhere_is_not_told_of_the_region_alone() -> None:
    for networks in ((9198, 48503), (9198, 60000), (48503,)):
        made = looked_at_later(networks=networks)
        assert (made.scope, made.beyond, made.level) == (Scope.NETWORKS, (), Level.CORROBORATED)


def test_what_is_left_beyond_the_region_alone_is_not_told_of_it() -> None:
    known = msgspec.structs.replace(KNOWN, networks=(9198, 48503))
    found = blocked(level=Level.SIGNAL, steps=(), networks=(48503,))
    made = as_on_record(known, found, ONSET + 30 * 24 * HOUR)
    assert isinstance(made, BlockingIncident)
    assert (made.scope, made.beyond) == (Scope.NETWORKS, ())
