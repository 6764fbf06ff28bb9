"""GET /target/NAME: one target's history, and how it stands on each network."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Response

from lampwatch.publish.example import any_example
from lampwatch.publish.pages.chart import daily_chart, share_bars
from lampwatch.publish.pages.standing import is_insufficient, latest_state
from lampwatch.publish.parameters import Country
from lampwatch.publish.render import render
from lampwatch.publish.site import Here
from lampwatch.store.query import Grain, VerdictFilter

router = APIRouter()

_LATEST: Final = 25
_CHANGES: Final = 20


@router.get("/target/{name:path}")
def target(site: Here, name: str, country: Annotated[Country, Query()] = None) -> Response:
    """Show a target everywhere it was measured, or in one country."""
    store = site.store
    networks = store.target_networks(name, country)
    if not networks:
        where = f" in {country}" if country else ""
        raise HTTPException(
            404, f"Nothing named {name[:100]!r} was measured{where}. The overview lists the targets."
        )
    history = store.target_history(name, country, grain=Grain.DAY)
    latest = store.verdicts(VerdictFilter(target=name, country=country), limit=_LATEST)
    return render(
        site,
        "target.html",
        target=name,
        country=country,
        networks=networks,
        countries=sorted({row.country for row in networks}),
        chart=daily_chart({step.start.date().isoformat(): step for step in history}),
        history=history,
        changes=store.state_changes(country=country, target=name, limit=_CHANGES),
        latest=latest,
        share_bars=share_bars,
        is_insufficient=is_insufficient,
        latest_state=latest_state,
        example=any_example(latest),
    )
