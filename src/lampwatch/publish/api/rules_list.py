"""GET /api/v2/rules: the rule book by which verdicts are made."""

from fastapi import APIRouter, Response

from lampwatch.publish.api.answer import answer
from lampwatch.publish.api.shapes import RuleList
from lampwatch.publish.rule_book import public_rule
from lampwatch.publish.site import Here

router = APIRouter(tags=["Verdicts"])


@router.get("/api/v2/rules", responses={200: {"model": RuleList}})
def rules(site: Here) -> Response:
    """Give every rule, in the order in which they are tried, and the rule book's version."""
    results = [public_rule(rule) for rule in site.rules.values()]
    return answer({"rules_version": site.rules_version, "results": results})
