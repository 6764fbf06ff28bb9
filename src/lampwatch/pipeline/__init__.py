"""Raw lines in, rows out: the kernel that reads, observes and judges, its process pool, and the jobs that feed it.

This room puts `observe`, `judge` and the methods together so that ingest, reprocess and, later, a cluster run the very
same function (docs/design/dd-002-pipeline.md).
"""
