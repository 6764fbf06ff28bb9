import asyncio
import datetime as dt
import io
import json
from collections.abc import Coroutine, Sequence
from typing import Any

import click
import pytest
from rich.console import Console

from lampwatch.cli.asked import Country, Network
from lampwatch.cli.check import Watching, header, sentences, tell
from lampwatch.cli.compared import NOT_ASKED
from lampwatch.judge.references import NO_REFERENCES
from lampwatch.methods.connectivity.places import OUTSIDE
from lampwatch.probe.asking import NO_CONTROL
from lampwatch.probe.document import Vantage
from lampwatch.probe.record import Comparison
from tests.cli.running import encoded, example_lines, lampwatch, web_document
from tests.probe.scripted import ScriptedNetwork, kit_over

NOON = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001  UTC without a zone, as everywhere
LONG = "What is told in one sentence that is longer than a line of a narrow terminal."
HINT = "No control was asked, and without one nothing is accused: name one with --control URL."


def screen(line: str, *, is_terminal: bool) -> list[str]:
    out = io.StringIO()
    tell(Console(file=out, force_terminal=is_terminal, width=40), line)
    return out.getvalue().splitlines()


def test_a_terminal_has_lines_broken_between_words() -> None:
    assert [line.strip() for line in screen(LONG, is_terminal=True)] == [
        "What is told in one sentence that is",
        "longer than a line of a narrow terminal.",
    ]


def test_a_pipe_has_each_sentence_on_one_line() -> None:
    assert screen(LONG, is_terminal=False) == [LONG]


def test_what_a_stranger_wrote_cannot_act_on_the_terminal() -> None:
    shown = "".join(screen("[red]\x1b[2Jblocked", is_terminal=True))
    assert "\x1b[2J" not in shown
    assert "[red]" in shown


def watched(*, is_terminal: bool, comparisons: Sequence[Comparison] = ()) -> str:
    """What is shown of a measurement that ends at once."""
    out, kit = io.StringIO(), kit_over(ScriptedNetwork())
    kit.record.comparisons += comparisons

    async def look_on() -> None:
        watching = Watching(Console(file=out, force_terminal=is_terminal, width=120))
        watching.begin(kit)
        await watching.show(asyncio.create_task(asyncio.sleep(0, b"{}")))

    asyncio.run(look_on())
    return out.getvalue()


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_method_that_asks_no_control_says_so(*, is_terminal: bool) -> None:
    assert NOT_ASKED in watched(is_terminal=is_terminal)
    asked = [Comparison({"http_request": "https://example.org/"}, NO_CONTROL)]
    shown = watched(is_terminal=is_terminal, comparisons=asked)
    assert "control \u2013 none named" in shown
    assert NOT_ASKED not in shown


@pytest.mark.parametrize(
    ("method", "asked", "vantage", "line"),
    [
        ("web_connectivity", "https://example.org/", Vantage(), "https://example.org/, 12:00 UTC"),
        ("quic", "https://example.org/", Vantage(), "quic https://example.org/, 12:00 UTC"),
        (
            "telegram",
            "",
            Vantage(probe_asn=9198, network_name="Kazakhtelecom"),
            "telegram from AS9198 Kazakhtelecom, 12:00 UTC",
        ),
    ],
)
def test_the_first_line_says_what_is_measured_and_from_where(
    method: str, asked: str, vantage: Vantage, line: str
) -> None:
    assert header(method, asked, vantage, NOON) == line


@pytest.mark.parametrize("text", ["AS9198", "9198", "as9198"])
def test_a_network_is_named_as_people_write_it(text: str) -> None:
    assert Network().convert(text, None, None) == 9198


@pytest.mark.parametrize("text", ["", "AS", "Kazakhtelecom", "AS99999999999", "4294967296", "-1"])
def test_what_is_no_network_is_told(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no network number; write AS9198"):
        Network().convert(text, None, None)
    result = lampwatch("check", "https://a.test/", f"--asn={text}")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_a_country_is_two_letters() -> None:
    assert Country().convert("kz", None, None) == "KZ"
    with pytest.raises(click.BadParameter, match="is no country code; write two letters"):
        Country().convert("Kazakhstan", None, None)


def test_a_method_that_needs_a_target_says_so() -> None:
    result = lampwatch("check", "throttle")
    assert result.exit_code == 2
    assert result.stderr == (
        "lampwatch: throttle needs a TARGET: '' is no web address; write it as https://example.org/\n"
    )


def test_an_interruption_does_not_promise_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(measuring: Coroutine[Any, Any, bytes]) -> None:
        measuring.close()
        raise KeyboardInterrupt

    monkeypatch.setattr("lampwatch.cli.check.asyncio.run", interrupted)
    result = lampwatch("check", "telegram")
    assert (result.exit_code, result.stderr) == (130, "lampwatch: interrupted; nothing is kept of it\n")


def gone(**keys: object) -> bytes:
    """A measurement of what is left of the network, in which one server outside was tried."""
    connect = {"ip": OUTSIDE[0], "port": 443, "status": {"failure": "generic_timeout_error"}, "t": 1.0}
    return encoded(
        web_document(test_name="connectivity", input=None, test_keys={"tcp_connect": [connect], **keys})
    )


def test_what_is_left_of_the_internet_is_told_in_its_own_words() -> None:
    assert sentences(gone(), NO_REFERENCES, controls=1) == [
        "There is a link, and nothing whatever answers over it: a shutdown, or this line alone."
    ]


def without_control(state: str) -> bytes:
    """A web measurement of the stories whose site came, or did not, with what its control said taken out."""
    for line in example_lines():
        document = json.loads(line)
        keys = document["test_keys"]
        if document["test_name"] == "web_connectivity" and keys["requests"]:
            came = all(shake["failure"] is None for shake in keys["tls_handshakes"])
            if came == (state == "came") and document["input"].startswith("https:"):
                keys |= {"control": {}, "control_failure": "unknown_failure"}
                return encoded(document)
    raise AssertionError(f"no story tells of a site that {state}")


def test_who_asked_no_control_is_told_where_one_is_missed() -> None:
    assert sentences(without_control("failed"), NO_REFERENCES, controls=0)[-1] == HINT
    assert HINT not in sentences(without_control("failed"), NO_REFERENCES, controls=1)


def test_a_site_that_works_misses_no_control() -> None:
    [only] = sentences(without_control("came"), NO_REFERENCES, controls=0)
    assert only.endswith(" works here.")
