"""Each rule on streams with the smallest facts that fire it, and with facts that just do not."""

from typing import Any

import pytest

from lampwatch.judge.rule import decide
from lampwatch.methods.stream.facts import StreamFacts
from lampwatch.methods.stream.rules import STREAM_RULES
from lampwatch.model.failure import Failure

BARE: dict[str, Any] = {
    "target": "live.test",
    "kind": "hls",
    "over_tls": True,
    "live": True,
    "looks": 2,
    "advanced": None,
    "lost": False,
    "outside_changes": None,
    "loaded": False,
    "piece_failure": None,
    "piece_status": 0,
    "heard_bytes": 0,
    "went_silent": False,
}
STILL = {"advanced": False}
ICY = {"kind": "icy", "looks": 0, "live": False}


@pytest.mark.parametrize(
    ("rule_id", "fires", "just_not"),
    [
        ("stream.unknown.no_stream", {"kind": ""}, {"kind": "dash"}),
        ("stream.ok.station_plays", ICY | {"heard_bytes": 1}, {"went_silent": True}),
        ("stream.ok.advances", {"advanced": True, "loaded": True}, {"loaded": False}),
        ("stream.ok.reckoned_piece_loads", {"loaded": True}, {"lost": True}),
        ("stream.ok.recorded", {"live": False, "loaded": True}, {"loaded": False}),
        ("stream.unknown.station_silent", ICY | {"went_silent": True}, {"kind": "hls"}),
        ("stream.down.stands_still", STILL | {"outside_changes": False}, {"outside_changes": None}),
        ("stream.unknown.stands_still_here", STILL | {"outside_changes": True}, {"advanced": True}),
        ("stream.unknown.stands_still", STILL, {"advanced": None}),
        ("stream.unknown.playlist_lost", {"lost": True, "advanced": False}, {"lost": False}),
        ("stream.unknown.pieces_refused", {"piece_status": 451}, {"piece_status": 404}),
        ("stream.unknown.pieces_missing", {"piece_status": 404}, {"piece_failure": Failure.TIMEOUT}),
        ("stream.unknown.pieces_fail", {"piece_failure": Failure.TIMEOUT}, {"loaded": True}),
        ("stream.unknown.unexplained", {}, {"loaded": True}),
    ],
)
def test_a_rule_fires_on_its_facts_and_not_on_others(
    rule_id: str, fires: dict[str, Any], just_not: dict[str, Any]
) -> None:
    assert decide(STREAM_RULES, StreamFacts(**BARE | fires)).rule_id == rule_id
    assert decide(STREAM_RULES, StreamFacts(**BARE | fires | just_not)).rule_id != rule_id
