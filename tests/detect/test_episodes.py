"""Messengers, then media, then everything: incidents that follow each other are one episode."""

from lampwatch.detect.episodes import episodes
from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.disturbance import Direction
from lampwatch.model.event import Event, Turn
from lampwatch.model.incident import Level, Scope
from tests.detect.blocking.making_blocks import HOUR, MONDAY, block


def blocking(
    name: str, begins: float, *, level: Level = Level.APPARENT, before: float | None = 0.0
) -> BlockingIncident:
    one: Block = block(begins=begins, before=before)
    return BlockingIncident(
        id=name, country="XA", scope=Scope.NETWORKS, entities=("AS1@XA",), onset=one.onset, end=None, until=one.until,
        level=level, steps=(), probability=0.9, against=(), services=(name,), targets=(name,), category="",
        networks=(1,), measured=(1,), share=None, mechanisms=(), fingerprints=(), blocks=(one,),
    )  # fmt: skip


def shutdown(name: str, begins: float, country: str = "XA") -> ConnectivityIncident:
    at = round(MONDAY + begins * HOUR)
    return ConnectivityIncident(
        id=name, country=country, scope=Scope.COUNTRY, entities=(country,), onset=Event(Turn.ONSET, at, at, at, at),
        end=None, until=at + HOUR, level=Level.CORROBORATED, steps=(), probability=0.9, against=(),
        direction=Direction.DROP, depth=1.0, share=None, deliberate=0.5, reasons=(), parts=(),
    )  # fmt: skip


def named(*incidents: BlockingIncident | ConnectivityIncident) -> dict[str, str]:
    return episodes(incidents)


def test_messengers_then_media_then_everything_is_one_episode() -> None:
    found = named(blocking("telegram", 10), blocking("news", 40), shutdown("all", 90))
    assert found == {"telegram": "telegram", "news": "telegram", "all": "telegram"}


def test_what_comes_a_week_later_stands_alone() -> None:
    assert named(blocking("telegram", 10), shutdown("all", 10 + 7 * 24)) == {}


def test_another_country_is_another_episode() -> None:
    assert named(blocking("telegram", 10), shutdown("all", 12, "YA")) == {}


def test_first_signs_and_what_was_always_so_join_none() -> None:
    found = named(
        blocking("telegram", 10),
        blocking("sign", 11, level=Level.SIGNAL),
        blocking("always", 12, before=None),
    )
    assert found == {}
