"""GET /: what this instance knows."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from lampwatch.model.measurement import EXPLANATIONS, Reason
from lampwatch.publish.countries import country_name
from lampwatch.publish.example import any_example
from lampwatch.publish.pages.chart import share_bars
from lampwatch.publish.pages.standing import is_insufficient, latest_state
from lampwatch.publish.render import render
from lampwatch.publish.site import Here, Site
from lampwatch.store.query import Direction
from lampwatch.store.rows import CountrySummary

router = APIRouter()

_SHOWN: Final = 50
_SEARCHED: Final = 5000
_CHANGES: Final = 8


@router.get("/")
def overview(site: Here, q: Annotated[str, Query(max_length=200)] = "") -> Response:
    """Show countries and targets, those measured last first; q keeps those whose name or code holds it."""
    store = site.store
    wanted = q.strip().casefold()
    countries = sorted(store.countries(), key=lambda row: (row.last, row.total), reverse=True)
    targets = store.targets(limit=_SEARCHED if wanted else _SHOWN + 1)
    if wanted:
        countries = [row for row in countries if _is_named(row, wanted)]
        targets = [
            row for row in targets if wanted in row.target.casefold() or wanted == row.category.casefold()
        ]
    more_targets = len(targets) > _SHOWN
    targets = sorted(targets[:_SHOWN], key=lambda row: (row.last, row.blocked), reverse=True)
    return render(
        site,
        "overview.html",
        q=q.strip(),
        totals=store.totals(),
        countries=countries,
        targets=targets,
        more_targets=more_targets,
        changes=[] if wanted else store.state_changes(limit=_CHANGES),
        set_aside=store.quarantine_summary(),
        explanations={str(reason): EXPLANATIONS[reason] for reason in Reason},
        share_bars=share_bars,
        is_insufficient=is_insufficient,
        latest_state=latest_state,
        example=_holds_examples(site),
    )


def _is_named(row: CountrySummary, wanted: str) -> bool:
    return wanted == row.country.casefold() or wanted in country_name(row.country).casefold()


def _holds_examples(site: Site) -> bool:
    """Whether example data is among what is counted here, as the first and the last verdicts show."""
    ends = (site.store.verdicts(direction=direction, limit=20) for direction in Direction)
    return any(any_example(rows) for rows in ends)
