"""Tor: can the network's directory authorities and obfs4 bridges be reached from here (README.md)."""
