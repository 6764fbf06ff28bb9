"""What a method measured -> a document -> our own verdicts, as the pipeline does it."""

import asyncio
import datetime as dt
from typing import Any

from lampwatch.judge.references import NO_REFERENCES
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Reader
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import by_test_name, discover, measurer
from lampwatch.probe.document import Course, Vantage, document
from lampwatch.probe.kit import Kit

BEGAN = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001  UTC without a zone, as everywhere
METHODS = by_test_name(discover())


def measured(method: str, kit: Kit, target: str = "") -> dict[str, Any]:
    """The test_keys of one measurement."""
    return asyncio.run(measurer(method).measure(kit, target))


def verdicts_on(method: str, test_keys: dict[str, Any], target: str = "") -> list[Verdict]:
    """The verdicts on test_keys, by way of the bytes of a whole document."""
    module = measurer(method)
    course = Course(
        test_name=module.TEST_NAME,
        test_version=module.TEST_VERSION,
        input=target or None,
        session_started=BEGAN,
        started=BEGAN,
        runtime_s=1.0,
    )
    raw = document(Vantage(probe_cc="KZ", probe_asn=9198), course, test_keys)
    read = Reader({name: found.extractor for name, found in METHODS.items()}).read(raw)
    assert not isinstance(read, SetAside), read
    verdicts = Kernel(METHODS, NO_REFERENCES).verdicts(read)
    assert not isinstance(verdicts, str), verdicts
    return list(verdicts)
