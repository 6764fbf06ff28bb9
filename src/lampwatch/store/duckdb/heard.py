"""What was measured and when it came, by the hour: a segment of the archive is of one hour of arrivals."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

from typing import Any, Final

from lampwatch.model.measurement import SUBMITTED
from lampwatch.store.query import Window

ARRIVED: Final = (
    "CASE WHEN starts_with(source, $submitted) THEN try_strptime(left(segment, 11), '%Y%m%dT%H') END"
)
"""When a measurement arrived (the start of the hour), null where no probe handed it in itself; needs $submitted."""
_HEARD: Final = f"""
WITH found AS (
    SELECT uid, day, probe_cc, probe_asn, method, CAST(date_trunc('hour', start_time) AS TIMESTAMP) AS hour,
        {ARRIVED} AS arrived, report_id
    FROM measurement WHERE {{within}}),
controlled AS (
    SELECT DISTINCT uid FROM verdict WHERE control <> 'absent' AND day IN (SELECT DISTINCT day FROM found))
SELECT probe_cc, probe_asn, method, hour, arrived, count(*) AS measurements,
    count(*) FILTER (WHERE controlled.uid IS NOT NULL) AS controlled,
    count(DISTINCT report_id) AS reports
FROM found LEFT JOIN controlled USING (uid) GROUP BY ALL ORDER BY ALL
"""


def heard_query(window: Window) -> tuple[str, dict[str, Any]]:
    """SQL for the numbers of measurements that began or arrived within a window, and its values."""
    values: dict[str, Any] = {"submitted": SUBMITTED}
    bounds = []
    if window.since is not None:
        bounds.append("{time} >= $since")
        values["since"] = window.since
    if window.until is not None:
        bounds.append("{time} < $until")
        values["until"] = window.until
    both = " AND ".join(bounds) or "true"
    within = f"({both.format(time='start_time')}) OR ({both.format(time=f'({ARRIVED})')})"
    return _HEARD.format(within=within), values
