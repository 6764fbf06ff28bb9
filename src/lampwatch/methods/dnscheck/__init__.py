"""DNS check: does a public resolver answer from here, over TLS, HTTPS, QUIC or plainly (README.md)."""
