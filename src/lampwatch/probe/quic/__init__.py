"""QUIC and HTTP/3 over datagrams: a handshake, a fetch, and a stream for whatever else speaks over QUIC."""

from lampwatch.probe.quic.ask import ask_stream
from lampwatch.probe.quic.connect import connect_quic
from lampwatch.probe.quic.fetch import fetch_quic
from lampwatch.probe.quic.link import QuicLink
from lampwatch.probe.quic.versions import quic_versions

__all__ = ["QuicLink", "ask_stream", "connect_quic", "fetch_quic", "quic_versions"]
