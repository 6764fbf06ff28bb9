"""Asking /24s whether they are up, in the manner of Trinocular. Never by default: see consent.py."""
