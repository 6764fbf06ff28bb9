"""What every route of one instance draws on, and how a route asks for it."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated

import msgspec
from fastapi import Depends, Request

from lampwatch.publish.rule_book import RuleBook
from lampwatch.store.protocol import Reading


class Site(msgspec.Struct, frozen=True):
    """One instance. clock gives UTC without a zone, timer seconds that only ever grow; public_url ends without `/`.

    example says that all this instance holds is example data; rows from an example source are marked in any case.
    """

    store: Reading
    rules: RuleBook
    rules_version: str
    clock: Callable[[], dt.datetime]
    timer: Callable[[], float]
    public_url: str
    example: bool

    def url(self, request: Request, path: str) -> str:
        """An absolute URL of this instance: under its public one, else under the one it was asked at."""
        if self.public_url:
            return self.public_url + path
        try:
            return str(request.base_url).rstrip("/") + path
        except ValueError:
            # A Host header that is no host: a relative link serves whoever sent it just as well.
            return path


async def site_of(request: Request) -> Site:
    """The instance a request came to."""
    site: Site = request.app.state.site
    return site


Here = Annotated[Site, Depends(site_of)]
"""A route's parameter of this type is given the instance."""
