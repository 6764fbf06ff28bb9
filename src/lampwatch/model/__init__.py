"""Frozen types and closed vocabularies that every room shares. No logic beyond a type's own, and no I/O."""
