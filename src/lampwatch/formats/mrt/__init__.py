"""MRT, the format of routers' tables and messages in archives: bytes -> what which peer announced. RFC 6396.

Pure. Everything that can be read is read; what cannot is counted, with where and why (`reader.MrtReader`).
"""

from lampwatch.formats.mrt.reader import MrtReader
from lampwatch.formats.mrt.records import Broken, MrtItem, Peer, PeerTable, Rib, StateChange, Update

__all__ = ["Broken", "MrtItem", "MrtReader", "Peer", "PeerTable", "Rib", "StateChange", "Update"]
