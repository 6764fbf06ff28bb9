"""Which measurements a reader asks for, by OONI's names, on all that answer with measurements."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from lampwatch.publish.parameters import Asns, Countries, Inputs, Texts, When, in_order
from lampwatch.store.query import MeasurementFilter


class MeasurementsAsked(BaseModel):
    """Filters of measurements: within one any value may hold, and all that are given must."""

    input: Inputs = Field((), description="The input, as a URL, exactly.")
    domain: Texts = Field((), description="Targets.")
    category_code: Texts = Field((), description="Category codes of the test lists, as NEWS.")
    probe_cc: Countries = Field((), description="Country codes.")
    probe_asn: Asns = Field((), description="Networks, as AS9198.")
    test_name: Texts = Field((), description="Methods, as web_connectivity.")
    since: When = Field(None, description="Measured at or after this time, UTC.")
    until: When = Field(None, description="Measured before this time, UTC.")

    @model_validator(mode="after")
    def _times_in_order(self) -> Self:
        in_order(self.since, self.until)
        return self

    def filter(self) -> MeasurementFilter:
        """The question as the store takes it."""
        return MeasurementFilter(
            countries=self.probe_cc,
            asns=self.probe_asn,
            methods=self.test_name,
            inputs=self.input,
            targets=self.domain,
            categories=self.category_code,
            since=self.since,
            until=self.until,
        )
