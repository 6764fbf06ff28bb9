"""Paths on which a request's headers must be judged rightly."""

from typing import Final

from lampwatch.lab.block import Block, BlockPage, Everything
from lampwatch.lab.scenario import Measure, Scenario
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

_WORLD: Final = World(services=("middlebox_echo",))
_ASKED: Final = Measure("http_header_field_manipulation", "http://header-echo.test/")

SCENARIOS: Final = (
    Scenario(
        name="headers_arrive_as_sent",
        story="Nothing on the path rewrites requests.",
        world=_WORLD,
        measure=_ASKED,
        truth=Truth(State.OK),
    ),
    Scenario(
        name="headers_answered_by_a_proxy",
        story="A proxy on port 80 answers in the place of every server.",
        world=_WORLD,
        censor=(Block(Everything(), BlockPage()),),
        measure=_ASKED,
        truth=Truth(State.OK, Layer.PATH, Mechanism.MIDDLEBOX),
        control="",
    ),
)
