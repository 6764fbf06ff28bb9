"""The category of every target: as given, and for targets that nobody named, that of their service or site."""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from lampwatch.formats.services import category_of, names_that_tell

Cursor = duckdb.DuckDBPyConnection


def replace(cursor: Cursor, given: Mapping[str, str]) -> None:
    """Put target -> category in the place of all that there is, and complete it for every target that has verdicts."""
    cursor.execute("DELETE FROM category")
    _insert(cursor, given)
    measured = cursor.execute("SELECT DISTINCT target FROM world_target").fetchall()
    complete(cursor, [target for (target,) in measured])


def complete(cursor: Cursor, targets: Iterable[str]) -> None:
    """Give a category to those of the targets that have none yet and whose service, or whose site's, is known.

    What is added for one target never tells of another than its lists would, so that the order of targets is the same.
    """
    asked = sorted(set(targets))
    known = of_targets(cursor, {name for target in asked for name in names_that_tell(target)})
    _insert(
        cursor,
        {
            target: category
            for target in asked
            if target not in known and (category := category_of(target, known))
        },
    )


def of_targets(cursor: Cursor, targets: Iterable[str] | None = None) -> dict[str, str]:
    """Target -> category, of these targets or of all; those without one are absent."""
    if targets is None:
        return dict(cursor.execute("SELECT target, category FROM category").fetchall())
    cursor.register("asked_target", pa.table({"target": pa.array(targets, pa.string())}))
    found = cursor.execute("SELECT target, category FROM category SEMI JOIN asked_target USING (target)")
    known = dict(found.fetchall())
    cursor.unregister("asked_target")
    return known


def _insert(cursor: Cursor, rows: Mapping[str, str]) -> None:
    if not rows:
        return
    table = pa.table(
        {"target": pa.array(rows, pa.string()), "category": pa.array(rows.values(), pa.string())}
    )
    cursor.register("given_category", table)
    cursor.execute("INSERT INTO category SELECT target, category FROM given_category ORDER BY target")
    cursor.unregister("given_category")
