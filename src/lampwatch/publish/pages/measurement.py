"""GET /measurement/UID: the whole chain, from the verdict in words down to the facts and the bytes."""

from fastapi import APIRouter, HTTPException, Response

from lampwatch.publish.example import any_example, is_example
from lampwatch.publish.pages.facts import Fact, LayerFacts, layers_of
from lampwatch.publish.render import render
from lampwatch.publish.site import Here

router = APIRouter()


@router.get("/measurement/{uid}")
def measurement(site: Here, uid: str) -> Response:
    """Show one measurement: its verdicts, the rule and facts behind each, and everything that was observed."""
    store = site.store
    row = store.measurement(uid)
    if row is None:
        raise HTTPException(404, "This instance has no measurement of that name.")
    verdicts = store.verdicts_of(uid)
    witnesses = frozenset(witness for verdict in verdicts for witness in verdict.witnesses)
    layers = layers_of(store.observations_of(uid), witnesses)
    return render(
        site,
        "measurement.html",
        row=row,
        verdicts=verdicts,
        rules=site.rules,
        layers=layers,
        witness_facts=_by_name(layers),
        has_control=any(side.facts for layer in layers for side in layer.sides if side.vantage == "control"),
        example=is_example(row) or any_example(verdicts),
    )


def _by_name(layers: list[LayerFacts]) -> dict[str, Fact]:
    """Witnesses by name, for the verdict to tell what each of them saw."""
    return {fact.id: fact for layer in layers for side in layer.sides for fact in side.facts if fact.witness}
