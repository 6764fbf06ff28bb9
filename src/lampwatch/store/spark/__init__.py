"""The store on a cluster: Apache Spark, for what one machine is too small for. Needs `lampwatch[cluster]`, and Java.

Today it derives evidence from verdicts, as `duckdb` does and by the same expressions, and has detection run beside it.
"""

from lampwatch.store.spark.opened import open_session, verdicts_in, verdicts_of
from lampwatch.store.spark.votes import by_country, collected, evidence, votes

__all__ = ["by_country", "collected", "evidence", "open_session", "verdicts_in", "verdicts_of", "votes"]
