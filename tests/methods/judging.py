"""What a method measured -> a document in the OONI format -> our own verdicts, as the pipeline does it."""

import asyncio
import json
from typing import Any

from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.observation import Observations
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Read, Reader
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import by_test_name, discover, measurer
from lampwatch.probe.kit import Kit
from tests.probe.scripted import ScriptedNetwork, kit_over
from tests.probe.servers import trusting

METHODS = {method.name: method for method in discover()}
BY_TEST_NAME = by_test_name(tuple(METHODS.values()))
READER = Reader({name: found.extractor for name, found in BY_TEST_NAME.items()})


def document(test_name: str, test_keys: Any, target: Any = None, **header: Any) -> bytes:
    """One measurement by the base format, on one line; header replaces what stands in it."""
    base = {
        "data_format_version": "0.2.0",
        "input": target,
        "measurement_start_time": "2026-11-23 10:00:00",
        "probe_asn": "AS9198",
        "probe_cc": "KZ",
        "probe_ip": "127.0.0.1",
        "test_keys": test_keys,
        "test_name": test_name,
        "test_start_time": "2026-11-23 09:59:58",
        "test_version": "0.2.5",
    }
    return json.dumps(base | header).encode()


def read(raw: bytes) -> Read:
    """A document that must be read."""
    found = READER.read(raw)
    assert isinstance(found, Read), found
    return found


def observations_in(raw: bytes) -> Observations:
    """What a document observed."""
    observations = read(raw).observations
    assert observations is not None
    return observations


def verdicts_in(raw: bytes, references: References = NO_REFERENCES) -> dict[str, Verdict]:
    """What a document is judged to say, by target; each has one verdict."""
    verdicts = Kernel(BY_TEST_NAME, references).verdicts(read(raw))
    assert not isinstance(verdicts, str), verdicts
    found = {verdict.target: verdict for verdict in verdicts}
    assert len(found) == len(verdicts)
    return found


def verdict_in(raw: bytes, references: References = NO_REFERENCES) -> Verdict:
    """The one verdict on a document."""
    (found,) = verdicts_in(raw, references).values()
    return found


def bears(raw: bytes) -> None:
    """Whatever a document holds, it is judged, or set aside for a reason that is not our own bug."""
    found = READER.read(raw)
    if isinstance(found, SetAside):
        assert found.reason is not Reason.INTERNAL_ERROR, found.detail
    else:
        assert not isinstance(verdicts := Kernel(BY_TEST_NAME, NO_REFERENCES).verdicts(found), str), verdicts


class Method:
    """One method, by its folder's name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.test_name = METHODS[name].extractor.NAMES[0]

    def document(self, test_keys: Any, target: Any = None, **header: Any) -> bytes:
        """A document of this method's."""
        return document(self.test_name, test_keys, target, **header)

    def observed(self, test_keys: Any, target: Any = None, **header: Any) -> Observations:
        """What test_keys observed."""
        return observations_in(self.document(test_keys, target, **header))

    def judged(
        self, test_keys: Any, target: Any = None, references: References = NO_REFERENCES, **header: Any
    ) -> dict[str, Verdict]:
        """What test_keys are judged to say, by target."""
        return verdicts_in(self.document(test_keys, target, **header), references)

    def verdict(
        self, test_keys: Any, target: Any = None, references: References = NO_REFERENCES, **header: Any
    ) -> Verdict:
        """The one verdict on test_keys."""
        return verdict_in(self.document(test_keys, target, **header), references)

    def measured(self, kit: Kit, target: str = "") -> dict[str, Any]:
        """The test_keys of one measurement."""
        return asyncio.run(measurer(self.name).measure(kit, target))

    def test_keys(self, network: ScriptedNetwork, target: str = "") -> dict[str, Any]:
        """The test_keys of one measurement over a script. Nothing that it opened may stay open."""
        keys = self.measured(kit_over(network, trust=trusting(network.clock)), target)
        assert network.left_open == []
        return keys

    def verdicts(
        self, network: ScriptedNetwork, target: str = "", references: References = NO_REFERENCES
    ) -> dict[str, Verdict]:
        """What a measurement over a script is judged to say, by target."""
        version = measurer(self.name).TEST_VERSION
        return self.judged(self.test_keys(network, target), target or None, references, test_version=version)
