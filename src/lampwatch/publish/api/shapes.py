"""What the answers look like, for the description at /openapi.json; tests hold every answer against it.

The models describe and check; answers are written without them, which is many times faster.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """An answer that has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """Why a request was not answered, in one line."""

    detail: str


class PageOfMeasurements(Shape):
    """Where in the results a page stands. count and pages are of all that match."""

    count: int
    current_page: int
    limit: int
    next_url: str | None
    offset: int
    pages: int
    query_time: float


class ListedMeasurement(Shape):
    """One measurement. anomaly: some verdict is blocked. failure: it could not be judged."""

    measurement_uid: str
    report_id: str
    measurement_url: str
    probe_cc: str
    probe_asn: str
    test_name: str
    measurement_start_time: str
    input: str | None
    anomaly: bool
    confirmed: bool
    failure: bool
    scores: dict[str, Any]


class MeasurementList(Shape):
    """One page of measurements."""

    metadata: PageOfMeasurements
    results: list[ListedMeasurement]


class MeasurementMeta(Shape):
    """One measurement's header. scores is JSON in a text, as OONI's API has it."""

    measurement_uid: str
    report_id: str
    input: str | None
    measurement_start_time: str
    test_start_time: str | None
    test_name: str
    probe_asn: int
    probe_cc: str
    anomaly: bool
    confirmed: bool
    failure: bool
    scores: str
    category_code: str | None
    raw_measurement: str | None = None


class Counts(BaseModel):
    """Measurements by outcome. The first four exclude each other; down_count is the part of ok_count that is down.

    Beside them stand the values on the axes asked for, under the axes' names.
    """

    model_config = ConfigDict(extra="allow")

    anomaly_count: int
    confirmed_count: int
    failure_count: int
    ok_count: int
    measurement_count: int
    down_count: int


class DatabaseStats(Shape):
    """What the answer cost."""

    row_count: int
    elapsed_seconds: float


class Aggregation(Shape):
    """Counts: one row without an axis, else a list of rows."""

    v: int
    dimension_count: int
    db_stats: DatabaseStats
    result: Counts | list[Counts]


class PublicVerdict(Shape):
    """What one measurement says of one target, by which rule, on which facts."""

    measurement_uid: str
    measurement_start_time: str
    source: str
    test_name: str
    input: str
    probe_cc: str
    probe_asn: int
    network_name: str
    target: str
    hostname: str
    state: str
    layer: str | None
    mechanism: str | None
    evidence: str
    control: str
    because: str
    rule_id: str
    findings: list[str]
    layers: list[str]
    witnesses: list[str]
    fingerprint: str
    rules_version: str
    networks_version: str
    fingerprints_version: str


class PageOfVerdicts(Shape):
    """Where in the results a page stands. count is of all that match."""

    count: int
    limit: int
    offset: int
    next_url: str | None


class VerdictList(Shape):
    """One page of verdicts, newest first."""

    metadata: PageOfVerdicts
    results: list[PublicVerdict]


class VerdictsOfMeasurement(Shape):
    """One measurement's verdicts with every fact they rest on.

    observations holds the kinds of facts (dns, tcp, handshake, http, echo), each with the probe's and the control's
    rows; a witness probe.tcp.3 is the row of kind tcp with that vantage and n.
    """

    measurement_uid: str
    raw_measurement_url: str
    example: bool
    results: list[PublicVerdict]
    observations: dict[str, list[dict[str, Any]]]


class PublicRule(Shape):
    """One rule: what it says, how it knows, and which groups of facts it rests on, the deciding one first."""

    id: str
    state: str
    layer: str | None
    mechanism: str | None
    evidence: str
    because: str
    rests_on: list[str]


class RuleList(Shape):
    """The rule book in the order in which rules are tried; the first that holds decides."""

    rules_version: str
    results: list[PublicRule]


class Health(Shape):
    """The instance answers, and its store too."""

    status: str
    schema_version: int
    measurements: int
    latest_measurement: str | None
