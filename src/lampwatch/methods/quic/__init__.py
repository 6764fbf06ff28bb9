"""QUIC: does HTTP/3 pass where HTTP/2 to the same host does (README.md)."""
