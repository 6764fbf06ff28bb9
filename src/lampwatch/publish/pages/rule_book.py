"""GET /rules: the whole rule book, and the reference data that verdicts rest on."""

from fastapi import APIRouter, Response

from lampwatch.publish.render import render
from lampwatch.publish.rule_book import ShownRule
from lampwatch.publish.site import Here

router = APIRouter()


@router.get("/rules")
def rule_book(site: Here) -> Response:
    """Show every rule under an address of its own, book by book, in the order in which they are tried."""
    books: dict[str, list[ShownRule]] = {}
    for rule in site.rules.values():
        books.setdefault(rule.id.partition(".")[0], []).append(rule)
    return render(
        site, "rules.html", books=books, rules_version=site.rules_version, snapshots=site.store.snapshots()
    )
