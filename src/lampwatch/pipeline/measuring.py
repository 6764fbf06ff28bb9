"""Measures once by a method, and makes a document of it."""

import datetime as dt
from collections.abc import Callable

import msgspec

from lampwatch.pipeline.methods import measurer
from lampwatch.probe.document import Course, Vantage, control_at, document
from lampwatch.probe.kit import Kit, Surroundings


class Prober(msgspec.Struct, frozen=True):
    """Where measurements are made from, and with what. session_started dates the run that they belong to (UTC)."""

    around: Surroundings
    vantage: Vantage
    session_started: dt.datetime

    async def measured(
        self, method: str, target: str, *, watch: Callable[[Kit], None] | None = None
    ) -> bytes:
        """Measure once, and return the document on one line.

        method is one of `pipeline.methods.measurable()`; target is its input, empty where it has none. watch is given
        the kit before it begins, to look on. Raises UserError where the target is nothing that can be measured.
        """
        module = measurer(method)
        to_helper = getattr(module, "TARGET_IS_HELPER", False)
        kit = Kit(self.around)
        if watch is not None:
            watch(kit)
        started = self.around.clock.utc()
        test_keys = await module.measure(kit, target)
        course = Course(
            test_name=module.TEST_NAME,
            test_version=module.TEST_VERSION,
            input=None if to_helper else target or None,
            session_started=self.session_started,
            started=started,
            runtime_s=kit.record.now(),
        )
        control = control_at(self.around.control.address) if self.around.control else ""
        # Once more over the whole: an address may have become known only while the measurement went on.
        return self.around.own.without(
            document(self.vantage, course, test_keys, target if to_helper else control)
        )
