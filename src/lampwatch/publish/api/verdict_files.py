"""Verdicts as files, written piece by piece, so that none is ever held in memory whole."""

import csv
import io
import tempfile
from collections.abc import Iterator
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from lampwatch.formats.tables_schema import VERDICT
from lampwatch.formats.verdict_rows import COLUMNS, csv_row, public_batch, public_verdict
from lampwatch.store.rows import VerdictRow

_PIECE_BYTES: Final = 256 * 1024
_ENCODER: Final = msgspec.json.Encoder()


def batch_of(rows: list[VerdictRow]) -> pa.RecordBatch:
    """Rows as the store's own batch of verdicts."""
    return pa.RecordBatch.from_pylist([msgspec.structs.asdict(row) for row in rows], schema=VERDICT)


def csv_file(batches: Iterator[pa.RecordBatch]) -> Iterator[str]:
    """A header line, then a line for each verdict (RFC 4180)."""
    yield ",".join(COLUMNS) + "\r\n"
    for batch in batches:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(
            csv_row(public_verdict(row, published=True)) for row in batch.to_pylist()
        )
        yield text.getvalue()


def jsonl_file(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """One JSON object a line."""
    for batch in batches:
        yield _ENCODER.encode_lines([public_verdict(row, published=True) for row in batch.to_pylist()])


def parquet_file(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """A Parquet file, made on disk first: its end is known only when all is written."""
    schema = public_batch(pa.RecordBatch.from_pylist([], schema=VERDICT)).schema
    with tempfile.TemporaryFile() as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_batch(public_batch(batch, published=True))
        file.seek(0)
        while piece := file.read(_PIECE_BYTES):
            yield piece
