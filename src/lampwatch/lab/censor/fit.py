"""Fits a censor to a path: each block goes to its router, by the technique that can do it."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TypeVar

from lampwatch.lab.block import (
    Address,
    Block,
    BlockPage,
    Bytes,
    Drop,
    Everything,
    Forge,
    Host,
    Intercept,
    Name,
    QuicSni,
    Sni,
    Stall,
    Throttle,
)
from lampwatch.lab.censor import address, content, slow, strings
from lampwatch.lab.censor.aside import Aside, Entry, HijackEntry, Hijacker, Interceptor, PageProxy, opened
from lampwatch.lab.censor.fitting import Fitting
from lampwatch.lab.censor.injected_dns import DnsInspector
from lampwatch.lab.censor.quic import QuicInspector
from lampwatch.lab.censor.reader import Inspector, Reader
from lampwatch.lab.errors import LabError
from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.dns import Lie
from lampwatch.lab.servers.outside import Outside
from lampwatch.lab.topology import Path
from lampwatch.lab.view import PROVIDER_RESOLVER

Kind = TypeVar("Kind", bound=Aside)


class Censor:
    """All blocks of a stage, fitted to their routers and not yet applied. Close it when the lab goes.

    fittings are in the order of the blocks. Raises LabError for what no technique can do.
    """

    def __init__(self, blocks: Sequence[Block], path: Path, outside: Outside, authority: Authority) -> None:
        self._path = path
        self._outside = outside
        self._authority = authority
        self._asides: dict[str, list[Aside]] = {}
        self.fittings = tuple(self._fitted(block, number) for number, block in enumerate(blocks))
        self._open = ExitStack()
        with ExitStack() as made:
            for router in path.routers:
                there = [
                    fitting
                    for block, fitting in zip(blocks, self.fittings, strict=True)
                    if isinstance(fitting, Inspector) and self._router(block) == router
                ]
                if there:
                    made.callback(Reader(router, there).close)
                serving = opened(router, self._asides.get(router, []))
                if serving is not None:
                    made.callback(serving.close)
            self._open = made.pop_all()

    def close(self) -> None:
        """Stop what runs; rules go with their namespaces."""
        self._open.close()

    def _router(self, block: Block) -> str:
        if not 1 <= block.hop <= len(self._path.routers):
            raise LabError(f"there is no router {block.hop} on a path of {len(self._path.routers)}")
        return self._path.routers[block.hop - 1]

    def _fitted(self, block: Block, number: int) -> Fitting:
        """The first technique that can do it: who lies or stands aside, then the kernel, then a packet reader."""
        router = self._router(block)
        fitting = self._standing(block, router) or _in_the_kernel(block, router, number) or _reading(block)
        if fitting is None:
            raise LabError(f"no technique does {type(block.action).__name__} to {type(block.match).__name__}")
        return fitting

    def _standing(self, block: Block, router: str) -> Fitting | None:
        match, action = block.match, block.action
        if isinstance(action, Forge):
            return self._lying(match, action, router)
        if isinstance(action, BlockPage) and action.by == "proxy" and isinstance(match, Host | Everything):
            return Entry(self._aside(router, PageProxy(router)), _name(match), action)
        if isinstance(action, Intercept) and isinstance(match, Sni | Everything):
            return Entry(self._aside(router, Interceptor(router, self._authority)), _name(match))
        return None

    def _lying(self, match: object, forge: Forge, router: str) -> Fitting:
        if not isinstance(match, Name):
            raise LabError(f"a forged answer needs a Name, and not {type(match).__name__}")
        if forge.by == "injection":
            return DnsInspector(match, forge)
        if forge.by == "hijack":
            return HijackEntry(self._aside(router, Hijacker(router, self._outside.zone)), match.name, forge)
        if forge.by == "provider":
            lie = Lie(match.name, forge)
            self._outside.resolvers[PROVIDER_RESOLVER].lies.append(lie)
            return lie
        raise LabError(f"nobody forges answers by {forge.by!r}: provider, hijack or injection")

    def _aside(self, router: str, new: Kind) -> Kind:
        """The router's Aside of this kind: the one it has, or the new one."""
        there = self._asides.setdefault(router, [])
        for aside in there:
            if isinstance(aside, type(new)):
                return aside
        there.append(new)
        return new


def _name(match: Sni | Host | Everything) -> str:
    return "*" if isinstance(match, Everything) else match.name


def _in_the_kernel(block: Block, router: str, number: int) -> Fitting | None:
    match, action = block.match, block.action
    if isinstance(action, Throttle | Stall) and isinstance(match, Address | Sni | Host | Bytes):
        return slow.fit(router, number, match, action)
    if isinstance(match, Address | Everything):
        return address.fit(router, f"lab_b{number}", match, action)
    if isinstance(match, Sni | Host | Bytes) and strings.can_fit(match, action, block.residual_s):
        return strings.fit(router, number, match, action)
    return None


def _reading(block: Block) -> Inspector | None:
    match, action = block.match, block.action
    if isinstance(match, Name) and isinstance(action, Drop):
        return DnsInspector(match, action)
    if isinstance(match, QuicSni) and isinstance(action, Drop):
        return QuicInspector(match)
    if isinstance(match, Sni | Host | Bytes) and content.can_fit(action):
        return content.ContentInspector(match, action, residual_s=block.residual_s)
    return None
