"""The application: every route of the API and every page, over one store."""

import datetime as dt
import time
from collections.abc import Callable, Sequence
from typing import Final

from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware

from lampwatch.publish.api import aggregation, health, measurements, one_measurement, rules_list, verdicts
from lampwatch.publish.errors import add_error_answers
from lampwatch.publish.headers import SecurityHeaders
from lampwatch.publish.pages import (
    api_docs,
    assets,
    country,
    measurement,
    overview,
    rule_book,
    target,
    verdict_list,
)
from lampwatch.publish.revalidate import Revalidation
from lampwatch.publish.rule_book import RuleBook
from lampwatch.publish.site import Site
from lampwatch.store.protocol import Reading

_DESCRIPTION: Final = (
    "What is blocked or switched off, where, how, since when, and on what evidence. Routes under /api/v1 take the "
    "parameters of OONI's API and answer in its form; /api/v2 gives verdicts with everything they rest on. "
    "Times are UTC; since is inclusive and until exclusive."
)


def create_app(
    store: Reading,
    *,
    rules: RuleBook,
    clock: Callable[[], dt.datetime],
    rules_version: str = "",
    public_url: str = "",
    example: bool = False,
    timer: Callable[[], float] = time.perf_counter,
    further: Sequence[APIRouter] = (),
) -> FastAPI:
    """Build the whole of what one instance publishes. It only ever reads the store.

    rules are those that verdicts cite, by id; clock gives UTC without a zone. public_url is the address under which
    readers know the instance, for links in answers; without it they follow the request. example marks every page as
    example data; rows whose source is an example set are marked in any case. further are the routes of other rooms at
    the same address, as the collector's.
    """
    app = FastAPI(
        title="Lampwatch",
        summary="A blockage monitoring service.",
        description=_DESCRIPTION,
        version="2",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.site = Site(store, rules, rules_version, clock, timer, public_url.rstrip("/"), example)
    for api in (measurements, one_measurement, aggregation, verdicts, rules_list, health):
        app.include_router(api.router)
    for router in further:
        app.include_router(router)
    for page in (overview, country, target, verdict_list, measurement, rule_book, api_docs, assets):
        app.include_router(page.router, include_in_schema=False)
    add_error_answers(app)
    # The last one added is the first to see a request: tags are made of the plain answer, then it is packed.
    app.add_middleware(Revalidation)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(SecurityHeaders)
    return app
