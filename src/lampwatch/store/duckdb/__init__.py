"""The store on one machine: DuckDB, in one file that one process owns.

The file is a cache of the raw archive. It may be deleted, and is then built again by `reprocess`.
"""

from lampwatch.store.duckdb.opened import DuckDBStore, open_store

__all__ = ["DuckDBStore", "open_store"]
