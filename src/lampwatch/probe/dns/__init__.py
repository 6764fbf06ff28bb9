"""Asking resolvers: the system's own, and others over UDP, TCP, TLS, HTTPS and QUIC. Facts only, nothing is judged."""

from lampwatch.probe.dns.lookup import Lookup, lookup

__all__ = ["Lookup", "lookup"]
