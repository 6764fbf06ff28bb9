"""What the collector takes and answers, for the description at /openapi.json; answers are written without them."""

from typing import Any

from pydantic import BaseModel


class Reached(BaseModel):
    """What a probe is to measure now, and with whose help."""

    v: int
    probe_cc: str
    probe_asn: str
    probe_network_name: str
    your_address: str
    utc_time: str
    conf: dict[str, Any]
    tests: dict[str, Any]


class OpenedReport(BaseModel):
    """A report that measurements can be submitted to."""

    backend_version: str
    report_id: str
    supported_formats: list[str]


class Kept(BaseModel):
    """The measurement's name; null where the document is kept, but is no measurement."""

    measurement_uid: str | None


class BatchResult(BaseModel):
    """What became of one line: stored and already both mean durable, refused tells why."""

    line: int
    key: str | None
    status: str
    measurement_uid: str | None
    reason: str | None


class BatchResults(BaseModel):
    """One result for each line, in order."""

    results: list[BatchResult]


def body_of(media_type: str, example: object) -> dict[str, Any]:
    """How a request's body looks, as OpenAPI says it: bodies are read by our own hand, within limits."""
    return {"requestBody": {"required": True, "content": {media_type: {"example": example}}}}
