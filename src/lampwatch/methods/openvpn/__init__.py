"""OpenVPN: can a tunnel be set up from here, and how far does its handshake get (README.md)."""
