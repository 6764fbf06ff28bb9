"""STUN reachability: does a STUN server, which calls and video meetings need, answer from here (README.md)."""
