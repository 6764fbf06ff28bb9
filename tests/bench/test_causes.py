"""False tellings are put down to the mishap that fits."""

import numpy as np
import pytest

from bench.blocking.causes import OTHER, causes
from bench.blocking.country import DAY_S, code_of
from bench.blocking.mishaps import Mishaps, drawn_mishaps
from bench.blocking.scored import Told
from lampwatch.model.vocabulary import Mechanism

MISHAPS = drawn_mishaps(50, 90, np.random.default_rng(5))


def telling(target: str, onset: int, country: str, mechanism: Mechanism = Mechanism.IP_DROP) -> Told:
    until = onset + DAY_S
    return Told(
        country, frozenset({target}), frozenset({1, 2}), onset, until, until, 2, 0.9, frozenset({mechanism})
    )


@pytest.mark.parametrize("many", [True, False])
def test_a_move_is_told_by_its_target_time_and_country(many: bool) -> None:
    move = next(move for move in MISHAPS.moves if (len(move.countries) > 3) is many)
    alone = Mishaps((move,), (), (), ())
    country = code_of(min(move.countries))
    where = "many" if many else "a few"
    told = telling(move.item.target, move.begin + 3600, country)
    assert causes([told], alone) == {f"a target that moved, in {where} countries": 1}
    elsewhere = code_of(next(n for n in range(50) if n not in move.countries))
    late = telling(move.item.target, move.end + 3 * DAY_S, country)
    assert causes([told._replace(country=elsewhere), late], alone) == {OTHER: 2}


def test_releases_outages_and_bugs_are_told_apart() -> None:
    release, outage, bug = MISHAPS.releases[0], MISHAPS.outages[0], MISHAPS.bugs[0]
    assert bug.why.mechanism is not None
    given = [
        telling(min(release.items), release.begin, "AA"),
        telling(outage.target, outage.begin, "AA"),
        telling(bug.item.target, outage.begin + 20 * DAY_S, "AA", bug.why.mechanism),
        telling("news.aa.example", release.begin, "AA"),
    ]
    found = causes(given, Mishaps((), (outage,), (bug,), (release,)))
    assert found == {
        "a release of rules or fingerprints that errs": 1,
        "a target that was down everywhere": 1,
        "a version of a program with a bug": 1,
        OTHER: 1,
    }
