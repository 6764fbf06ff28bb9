"""Whoever breaks a measurement off is left with no open connection."""

import asyncio
import importlib

import pytest

from tests.probe.scripted import Says, ScriptedNetwork, Server, kit_over

INPUTS = {
    "telegram": "",
    "whatsapp": "",
    "signal": "",
    "facebook_messenger": "",
    "tor": "",
    "http_invalid_request_line": "192.0.2.1:80",
    "http_header_field_manipulation": "http://192.0.2.1/",
    "echcheck": "https://any.test/",
    "throttle": "https://any.test/",
    "trace": "https://any.test/",
}


class Everywhere(dict[object, object]):
    """Whatever is asked for is there."""

    def __init__(self, there: object) -> None:
        super().__init__()
        self._there = there

    def get(self, _key: object, _default: object = None) -> object:
        return self._there


def silent() -> Server:
    return Says()


@pytest.mark.parametrize("method", sorted(INPUTS))
def test_nothing_stays_open(method: str) -> None:
    network = ScriptedNetwork(names=Everywhere(["192.0.2.1"]), streams=Everywhere(silent), hangs=True)  # type: ignore[arg-type]  # every name and every server

    async def break_off() -> None:
        module = importlib.import_module(f"lampwatch.methods.{method}.measure")
        task = asyncio.create_task(module.measure(kit_over(network), INPUTS[method]))
        for _ in range(200):
            await asyncio.sleep(0)
        assert not task.done() or method == "facebook_messenger"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(break_off())
    assert network.ends
    assert network.left_open == []
