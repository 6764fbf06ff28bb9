"""Bytes and text <-> model. No I/O."""
