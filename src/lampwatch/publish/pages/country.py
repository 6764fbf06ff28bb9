"""GET /country/XX: one country's targets, networks and days."""

from typing import Final

from fastapi import APIRouter, HTTPException, Response

from lampwatch.publish.countries import UNKNOWN, country_name, is_country
from lampwatch.publish.example import any_example
from lampwatch.publish.pages.chart import daily_chart, share_bars
from lampwatch.publish.pages.standing import is_insufficient, latest_state
from lampwatch.publish.render import render
from lampwatch.publish.site import Here
from lampwatch.store.query import VerdictFilter
from lampwatch.store.rows import NetworkSummary, TargetSummary

router = APIRouter()

_TARGETS: Final = 100
_WITH_NETWORKS: Final = 25
"""Blocked targets whose networks are named on the page; those of the others stand on the targets' own pages."""
_LATEST: Final = 12


@router.get("/country/{code}")
def country(site: Here, code: str) -> Response:
    """Show what is known of a country, networks named; words where the code is no country's."""
    code = code.upper()
    store = site.store
    known = {row.country for row in store.countries()}
    if code not in known and not is_country(code) and code != UNKNOWN:
        raise HTTPException(
            404, f"{code[:20]!r} is no country code. Country pages have two letters, as /country/KZ."
        )
    targets = store.targets(code, limit=_TARGETS + 1)
    latest = store.verdicts(VerdictFilter(country=code), limit=_LATEST)
    return render(
        site,
        "country.html",
        code=code,
        name=country_name(code),
        measured=code in known,
        targets=targets[:_TARGETS],
        more_targets=len(targets) > _TARGETS,
        blocked_on={
            row.target: _blocking(store.target_networks(row.target, code)) for row in _blocked(targets)
        },
        networks=store.country_networks(code),
        days=(days := store.country_days(code)),
        chart=daily_chart({day.day: day for day in days}),
        latest=latest,
        share_bars=share_bars,
        is_insufficient=is_insufficient,
        latest_state=latest_state,
        example=any_example(latest),
    )


def _blocked(targets: list[TargetSummary]) -> list[TargetSummary]:
    return [row for row in targets if row.blocked][:_WITH_NETWORKS]


def _blocking(networks: list[NetworkSummary]) -> list[NetworkSummary]:
    return [network for network in networks if network.blocked]
