"""Censors that an Encrypted Client Hello must be judged rightly under."""

from typing import Final

from lampwatch.lab.block import Block, Drop, Reset, Sni
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.model.vocabulary import State

_ASKED: Final = Measure("echcheck", "https://blocked.test/")

SCENARIOS: Final = (
    Scenario(
        name="ech_passes",
        story="Nobody does anything to hellos with the extension.",
        measure=_ASKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="ech_name_reset",
        story="A router resets all hellos with the host's name: that tells nothing of the extension.",
        censor=(Block(Sni("blocked.test"), Reset(both=True)),),
        measure=_ASKED,
        truth=Truth(State.UNKNOWN),
    ),
    Scenario(
        name="ech_name_dropped",
        story="A router drops all hellos with the host's name: that tells nothing of the extension.",
        censor=(Block(Sni("blocked.test"), Drop()),),
        measure=_ASKED,
        truth=Truth(State.UNKNOWN),
    ),
)
