"""Certificate authorities of the lab, and what they issue: one that is trusted, and a foreign one."""

import ssl
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import trustme

from lampwatch.lab.world import Certificate

_PAST: Final = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))
_WRONG_NAME: Final = "another-name.test"


class Authority:
    """Issues certificates by name and kind, each once. trusted is the one that a probe is told to trust."""

    def __init__(self) -> None:
        self.trusted = trustme.CA(organization_name="Lampwatch lab")
        self.foreign = trustme.CA(organization_name="An authority nobody knows")
        self.leaf = cache(self._leaf)
        self.context = cache(self._context)

    def write(self, folder: Path) -> Path:
        """Write the trusted authority's certificate into a folder; its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "ca.pem"
        self.trusted.cert_pem.write_to_path(path)
        return path

    def _leaf(self, names: tuple[str, ...], kind: Certificate) -> trustme.LeafCert:
        if kind is Certificate.WRONG_NAME:
            names = (_WRONG_NAME,)
        ca = self.foreign if kind is Certificate.UNKNOWN_ISSUER else self.trusted
        if kind is Certificate.EXPIRED:
            return ca.issue_cert(*names, not_before=_PAST[0], not_after=_PAST[1])
        return ca.issue_cert(*names)

    def _context(
        self, names: tuple[str, ...], kind: Certificate, protocols: tuple[str, ...] = ()
    ) -> ssl.SSLContext:
        """A server's side of TLS with such a certificate, offering these protocols by ALPN."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.leaf(names, kind).configure_cert(context)
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context


def by_name(default: ssl.SSLContext, contexts: dict[str, ssl.SSLContext]) -> ssl.SSLContext:
    """A context that shows each name its own certificate. default must be shared with no other address."""

    def choose(handshake: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        if name and name.lower() in contexts:
            handshake.context = contexts[name.lower()]

    default.sni_callback = choose
    return default
