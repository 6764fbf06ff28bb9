"""Connectivity series at rest: every value that ever arrived, with when it did."""

from lampwatch.store.series.kept import Appended, Known, SeriesStore

__all__ = ["Appended", "Known", "SeriesStore"]
