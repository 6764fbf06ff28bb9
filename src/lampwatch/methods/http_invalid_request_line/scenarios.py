"""Paths on which lines that are no HTTP must be judged rightly."""

from typing import Final

from lampwatch.lab.block import Block, BlockPage, Bytes, Everything, Reset
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_WORLD: Final = World(services=("middlebox_echo",))
_ASKED: Final = Measure("http_invalid_request_line", "line-echo.test:80")
_MIDDLEBOX: Final = Truth(State.OK, Layer.PATH, Mechanism.MIDDLEBOX)

SCENARIOS: Final = (
    Scenario(
        name="invalid_lines_pass",
        story="Nothing on the path looks at what passes.",
        world=_WORLD,
        measure=_ASKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="invalid_lines_meet_a_proxy",
        story="A proxy takes everything on port 80 for HTTP, and answers by itself what is none.",
        world=_WORLD,
        censor=(Block(Everything(), BlockPage()),),
        measure=_ASKED,
        truth=_MIDDLEBOX,
        control="",
    ),
    Scenario(
        name="invalid_line_is_reset",
        story="A router resets connections that ask for the management page of a proxy.",
        world=_WORLD,
        censor=(Block(Bytes("cache_object"), Reset(both=True)),),
        measure=_ASKED,
        truth=_MIDDLEBOX,
    ),
)
