"""Tor Metrics' CSV addresses, replayed in the shapes of their documentation."""

import pytest

from lampwatch.model.errors import UserError
from tests.signals.fetching import fetched
from tests.signals.replaying import NOON, Asked, Reply

DAY = 86_400
MIDNIGHT = NOON - DAY // 2
RELAY = b"""#
# The Tor Project
#
# URL: https://metrics.torproject.org/userstats-relay-country.csv?start=2022-01-03&end=2022-01-05
#
# This file contains the following columns: date,country,users,lower,upper,frac
#
date,country,users,lower,upper,frac
2022-01-03,kz,5210,4000,9000,80
2022-01-04,kz,5302,4000,9000,81
2022-01-03,kg,800,,,80
2022-01-03,,2100000,,,80
2022-01-03,??,300,,,80
"""
BRIDGE = b"""date,country,users,frac
2022-01-03,kz,70,81
2022-01-04,kz,950,82
"""


def answer(asked: Asked) -> Reply:
    return Reply(RELAY if asked.path == "/userstats-relay-country.csv" else BRIDGE)


def test_relay_and_bridge_users_come_day_by_day() -> None:
    found = fetched("tor-users-api", answer, country="KZ", since=MIDNIGHT - 2 * DAY)
    assert found.values == {
        "KZ:tor:relay-users": {MIDNIGHT - 2 * DAY: 5210.0, MIDNIGHT - DAY: 5302.0},
        "KZ:tor:bridge-users": {MIDNIGHT - 2 * DAY: 70.0, MIDNIGHT - DAY: 950.0},
    }
    assert found.asked[0].query == {"start": "2022-01-03", "end": "2022-01-05", "country": "kz"}


def test_without_a_country_each_comes_and_no_total_is_asked_for() -> None:
    found = fetched("tor-users-api", answer, signal="relay-users", since=MIDNIGHT - 2 * DAY)
    assert sorted(found.series) == ["KG:tor:relay-users", "KZ:tor:relay-users"]
    assert [asked.path for asked in found.asked] == ["/userstats-relay-country.csv"]
    assert "country" not in found.asked[0].query


def test_days_outside_the_span_are_left_out() -> None:
    found = fetched("tor-users-api", answer, country="KZ", since=MIDNIGHT - DAY)
    assert found.values["KZ:tor:relay-users"] == {MIDNIGHT - DAY: 5302.0}


@pytest.mark.parametrize("options", [{"asn": 9198}, {"place": "KZ-ALA"}, {"signal": "onion"}])
def test_what_tor_does_not_count_is_told(options: dict[str, str]) -> None:
    with pytest.raises(UserError, match="Tor Metrics"):
        fetched("tor-users-api", answer, **options)  # type: ignore[arg-type]  # options of any kind
