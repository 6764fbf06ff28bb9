"""Which verdicts a reader asks for, on the API and on the page of verdicts alike."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from lampwatch.model.vocabulary import Layer, Mechanism, State
from lampwatch.publish.parameters import Asn, Country, Limit, Offset, Text, When, in_order, without_empty
from lampwatch.store.query import VerdictFilter


def _nothing_if_empty(value: object) -> object:
    return None if value == "" else value


def _shown_as(values: list[str]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "enum": values})


class VerdictQuery(BaseModel):
    """Filters of verdicts: all that are given must hold."""

    model_config = ConfigDict(extra="forbid")

    country: Country = Field(None, description="The probe's country, ISO 3166-1 alpha-2.")
    asn: Asn = Field(None, description="The probe's network.")
    target: Text = Field(None, description="The stable name of what is assessed, as telegram or example.org.")
    since: When = Field(None, description="Measured at or after this time, UTC.")
    until: When = Field(None, description="Measured before this time, UTC.")
    state: Annotated[State | None, BeforeValidator(_nothing_if_empty), _shown_as([*State])] = Field(
        None, description="What the verdict says. unknown never means ok."
    )
    method: Text = Field(None, description="The method that measured, as web_connectivity.")
    layer: Annotated[Layer | None, BeforeValidator(_nothing_if_empty), _shown_as([*Layer])] = Field(
        None, description="The layer at which the deciding rule saw it."
    )
    mechanism: Annotated[Mechanism | None, BeforeValidator(_nothing_if_empty), _shown_as([*Mechanism])] = (
        Field(None, description="How it was done.")
    )
    rule_id: Text = Field(None, description="The rule that decided; /api/v2/rules lists them.")
    category: Text = Field(None, description="The target's category code, as NEWS.")
    limit: Limit = Field(100, description="Rows at most; no answer has more than 1000.")
    offset: Offset = Field(0, description="Rows to pass over first.")

    @model_validator(mode="after")
    def _times_in_order(self) -> Self:
        in_order(self.since, self.until)
        return self

    def filter(self) -> VerdictFilter:
        """The question as the store takes it."""
        return VerdictFilter(
            country=self.country,
            asn=self.asn,
            target=self.target,
            since=self.since,
            until=self.until,
            state=self.state,
            method=self.method,
            layer=self.layer,
            mechanism=self.mechanism,
            rule_id=self.rule_id,
            category=self.category,
        )

    def given(self, **changed: object) -> dict[str, Any]:
        """The parameters that were given, for a link to this question or, with some changed, to another."""
        asked = self.model_dump(exclude_unset=True)
        for name in ("since", "until"):
            if asked.get(name) is not None:
                asked[name] = asked[name].isoformat()
        return without_empty({**asked, **changed})
