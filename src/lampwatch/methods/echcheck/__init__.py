"""ECH check: does a TLS handshake with an Encrypted Client Hello pass where one without does (README.md)."""
