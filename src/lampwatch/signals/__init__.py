"""Connectivity signals: sources -> series. Each source is a room of its own; none touches the store."""
