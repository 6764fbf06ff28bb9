"""Which stretches of the archive have been taken in, so that what a crash left out can be told."""

import duckdb

from lampwatch.store.segment import Locator


def remember(cursor: duckdb.DuckDBPyConnection, frame: Locator) -> None:
    """Note that a frame is in, within the transaction of its rows.

    A frame that follows on what is in makes that stretch longer, so that there is about one row a segment, however many
    frames; one that is in already changes nothing.
    """
    cursor.execute(
        "MERGE INTO frame AS old USING (SELECT $segment AS segment, $begins AS begins, $ends AS ends) AS new"
        " ON old.segment = new.segment AND old.begins <= new.begins AND old.ends >= new.begins"
        " WHEN MATCHED THEN UPDATE SET ends = greatest(old.ends, new.ends)"
        " WHEN NOT MATCHED THEN INSERT VALUES (new.segment, new.begins, new.ends)",
        {"segment": frame.segment, "begins": frame.offset, "ends": frame.offset + frame.length},
    )


def taken_in(cursor: duckdb.DuckDBPyConnection) -> list[Locator]:
    """The stretches that are in, in order; those that touch are one."""
    stretches: list[Locator] = []
    for segment, begins, ends in cursor.execute("FROM frame ORDER BY segment, begins").fetchall():
        last = stretches[-1] if stretches else None
        if last is not None and last.segment == segment and begins <= last.offset + last.length:
            longer = max(last.length, ends - last.offset)
            stretches[-1] = Locator(segment, last.offset, longer)
        else:
            stretches.append(Locator(segment, begins, ends - begins))
    return stretches
