"""The QUIC handshake."""

from collections.abc import Sequence

from aioquic.quic.events import HandshakeCompleted

from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed
from lampwatch.probe.kit import Kit, handshake_entry
from lampwatch.probe.network import joined
from lampwatch.probe.quic.link import QuicLink
from lampwatch.probe.quic.session import agreed, client
from lampwatch.probe.record import Mark
from lampwatch.probe.tls import Handshaken
from lampwatch.probe.trust import Trust


async def connect_quic(  # noqa: PLR0913  as Kit.handshake, and the address
    kit: Kit,
    ip: str,
    port: int,
    server_name: str,
    mark: Mark,
    *,
    alpn: Sequence[str] = ("h3",),
    verify: bool = True,
    trust: Trust | None = None,
    verified_name: str = "",
) -> QuicLink | Failed:
    """Shake hands by QUIC version 1 and check the certificates; recorded as a df-006 entry of `quic_handshakes`.

    server_name goes into the ClientHello (empty, or an address: none is sent); the certificate must be for it, or for
    verified_name where that is given. trust replaces the usual authorities. Nothing stays open on failure.
    """
    address, t0 = joined(ip, port), kit.record.now()
    kit.record.event("quic_handshake_start", mark, address=address, proto="udp")
    under = await kit.network.datagrams(ip, port)
    link: QuicLink | None = None
    outcome: Handshaken | Failed
    if isinstance(under, Failed):
        outcome = under.during(Operation.QUIC_HANDSHAKE)
    else:
        quic = client(server_name, alpn, kit.timeouts.handshake_s + kit.timeouts.fetch_s)
        link = QuicLink(quic, under, kit.clock, kit.record, mark)
        outcome = await _shaken(link, kit.timeouts.handshake_s)
    agreed_on, failed = (None, outcome) if isinstance(outcome, Failed) else (outcome, None)
    if agreed_on is not None:
        refusal = (trust or kit.trust).refusal(agreed_on.chain, verified_name or server_name)
        if refusal is not None and verify:
            failed = Failed(refusal, Operation.QUIC_HANDSHAKE)
    entry = handshake_entry("udp", address, server_name, agreed_on, failed, verify=verify)
    kit.record.quic_handshakes.append({**entry, **kit.record.times(t0, mark)})
    kit.record.event("quic_handshake_done", mark, address=address, proto="udp")
    if failed is None and link is not None and agreed_on is not None:
        link.protocol, link.refused = agreed_on.protocol, refusal
        return link
    if link is not None:
        await link.end()
    return failed or Failed(Failure.UNKNOWN, Operation.QUIC_HANDSHAKE)


async def _shaken(link: QuicLink, timeout_s: float) -> Handshaken | Failed:
    """What the handshake came to; whoever breaks it off leaves no socket open."""
    try:
        failed = await link.until(_completed, Operation.QUIC_HANDSHAKE, timeout_s)
    except BaseException:
        link.close()
        raise
    return failed or agreed(link.quic)


def _completed(event: object) -> bool:
    return isinstance(event, HandshakeCompleted)
