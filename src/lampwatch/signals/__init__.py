"""Connectivity signals: what others publish and what we watch ourselves -> series. Nothing here touches the store."""
