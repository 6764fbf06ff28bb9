"""Tracing: after how many hops does interference with a name appear, in the path or beside it (README.md)."""
