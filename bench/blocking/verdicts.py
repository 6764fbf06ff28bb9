"""Verdicts of a simulated country as record batches of the store's own schemas, measurements beside them."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from bench.blocking.catalogue import RULES_VERSIONS, SOFTWARE, Why
from bench.blocking.country import DAY_S, Integers
from bench.blocking.rows import MICRO, Rows
from bench.blocking.votes import texts, times, uids
from lampwatch.formats import tables_schema

BATCH: Final = 100_000
_OF_VOTERS: Final = pa.schema([("voter", tables_schema.INTEGER), ("software", tables_schema.TEXT)])
VERDICT: Final = pa.unify_schemas([tables_schema.VERDICT, _OF_VOTERS])
"""Verdicts as they are committed."""


def batches(rows: Rows, size: int = BATCH, *, named: str = "") -> Iterator[dict[str, pa.Table]]:
    """The tables that a commit takes, in order of time; one measurement a verdict. named goes before every uid."""
    for begin in range(0, rows.size, size):
        places = np.arange(begin, min(begin + size, rows.size), dtype=np.int64)
        known = _columns(rows, places, named)
        yield {"measurement": _table(known, tables_schema.MEASUREMENT), "verdict": _table(known, VERDICT)}


def _table(known: "dict[str, pa.Array[Any]]", schema: pa.Schema) -> pa.Table:
    count = len(known["uid"])
    return pa.Table.from_arrays(
        [known.get(field.name, _empty(field.type, count)) for field in schema], schema=schema
    )


def _empty(kind: pa.DataType, count: int) -> "pa.Array[Any]":
    """A column of a type that says nothing."""
    value: object = [] if pa.types.is_list(kind) else "" if pa.types.is_string(kind) else 0
    value = False if pa.types.is_boolean(kind) else value
    return pa.array([value], kind).take(pa.array(np.zeros(count, np.int64), pa.int64()))


def _columns(rows: Rows, places: Integers, named: str) -> "dict[str, pa.Array[Any]]":
    """Every column that says something, of verdicts and of measurements."""
    item, network, why = rows.item[places], rows.network[places], rows.why[places]
    time = rows.time[places]
    day, of_day = np.unique(time // (DAY_S * MICRO), return_inverse=True)
    targets = [one.target for one in rows.items]
    zero = np.zeros(len(places), np.int64)
    programs = [name.partition(" ") for name in SOFTWARE]
    networks = rows.networks[network]
    return {
        "uid": uids(rows, places, named),
        "target": texts(targets, item),
        "day": texts([str(np.datetime64(int(one), "D")) for one in day], of_day),
        "start_time": times(time),
        "method": texts([one.method for one in rows.items], item),
        "input": texts([f"https://{one}/" if "." in one else "" for one in targets], item),
        "probe_cc": texts([rows.country], zero),
        "probe_asn": pa.array(networks),
        "network_name": texts([f"Network {number}" for number in rows.networks], network),
        "source": texts(["bench"], zero),
        "hostname": texts(targets, item),
        "networks_version": texts(["2026-08-01"], zero),
        "fingerprints_version": texts(["2026-08-01"], zero),
        "rules_version": texts([name for name, _ in RULES_VERSIONS], rows.version[places]),
        "voter": pa.array(rows.voter[places]),
        "software": texts(SOFTWARE, rows.software[places]),
        "software_name": texts([name for name, _, _ in programs], rows.software[places]),
        "software_version": texts([version for _, _, version in programs], rows.software[places]),
        "report_id": pa.array(rows.voter[places]).cast(pa.string()),
        "states": pa.array([[one.state] for one in rows.whys], pa.list_(pa.string())).take(
            pa.array(why, pa.int64())
        ),
        **_of_whys(rows.whys, why),
    }


def _of_whys(whys: tuple[Why, ...], why: Integers) -> "dict[str, pa.Array[Any]]":
    """The columns that a reason gives. A layer or mechanism that is none is null."""
    places = pa.array(why, pa.int64())

    def column(values: "list[str | None]") -> "pa.Array[Any]":
        taken: pa.Array[Any] = pa.array(values, pa.string()).take(places)
        return taken

    return {
        "state": column([one.state for one in whys]),
        "layer": column([one.layer for one in whys]),
        "mechanism": column([one.mechanism for one in whys]),
        "evidence": column([one.evidence for one in whys]),
        "rule_id": column([one.rule_id for one in whys]),
        "because": column(["simulated"] * len(whys)),
        "control": column([one.control for one in whys]),
        "fingerprint": column([one.fingerprint for one in whys]),
    }
