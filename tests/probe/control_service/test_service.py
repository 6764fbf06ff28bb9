import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from lampwatch.probe.control import YOUR_ADDRESS
from lampwatch.probe.control_service.limits import Limits
from lampwatch.probe.control_service.question import MOST_BYTES
from lampwatch.probe.control_service.service import ControlService, control_app, control_routes
from tests.probe.control_service.asking import NAME, SITE, outpost, page, plain, question
from tests.probe.scripted import ScriptedClock, ScriptedNetwork, saying

SALT = b"0123456789abcdef"
CLIENT = "198.51.100.77"
URL = f"http://{NAME}/"


def network() -> ScriptedNetwork:
    return ScriptedNetwork(names={f"{NAME}.": [SITE]}, streams={f"{SITE}:80": plain(page())})


def service(under: ScriptedNetwork | None = None, **limits: Any) -> ControlService:
    clock = ScriptedClock()
    return ControlService(outpost(under or network()), Limits(**limits), clock.monotonic, SALT)


def client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(CLIENT, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://control.test")


def sent(app: FastAPI, method: str, path: str, **more: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with client(app) as asking:
            return await asking.request(method, path, **more)

    return asyncio.run(send())


def test_a_question_is_answered_in_json() -> None:
    reply = sent(control_app(service()), "POST", "/", json=question(URL))
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json()["http_request"]["title"] == "An example page"


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{", 400),
        (json.dumps(question("http://127.0.0.1:22/")).encode(), 400),
        (b" " * (MOST_BYTES + 1), 413),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(content: bytes, status: int) -> None:
    reply = sent(control_app(service()), "POST", "/", content=content)
    assert reply.status_code == status
    assert reply.text.count("\n") == 1
    assert reply.text.endswith("\n")


def test_a_question_that_is_declared_too_large_is_not_read() -> None:
    read = []

    async def pieces() -> AsyncIterator[bytes]:
        read.append(1)
        yield b"{}"

    headers = {"content-length": str(MOST_BYTES + 1)}

    async def ask() -> httpx.Response:
        app = control_app(service())
        async with client(app) as asking:
            return await asking.post("/", content=pieces(), headers=headers)

    assert asyncio.run(ask()).status_code == 413


def test_a_question_that_turns_out_too_large_is_refused() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(70):
            yield b" " * 1024

    async def ask() -> httpx.Response:
        async with client(control_app(service())) as asking:
            return await asking.post("/", content=pieces())

    assert asyncio.run(ask()).status_code == 413


def test_a_question_that_never_arrives_is_given_up() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.get_running_loop().create_future()

    async def ask() -> httpx.Response:
        async with client(control_app(service(read_s=0.0))) as asking:
            return await asking.post("/", content=pieces())

    assert asyncio.run(ask()).status_code == 408


def test_a_client_that_asks_too_often_is_told_when_to_come_again() -> None:
    app = control_app(service(burst=1))
    assert sent(app, "POST", "/", json=question(URL)).status_code == 200
    reply = sent(app, "POST", "/", json=question(URL))
    assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
    assert reply.text.count("\n") == 1


def test_a_malformed_question_counts_too() -> None:
    app = control_app(service(burst=1))
    assert [sent(app, "POST", "/", content=b"x").status_code for _ in range(2)] == [400, 429]


def test_a_control_that_is_busy_says_so() -> None:
    hanging = ScriptedNetwork(names={f"{NAME}.": [SITE]}, streams={f"{SITE}:80": saying()}, hangs=True)

    async def ask() -> int:
        async with client(control_app(service(hanging, at_once=1))) as asking:
            first = asyncio.create_task(asking.post("/", json=question(URL)))
            await hanging.hanging.wait()
            status = (await asking.post("/", json=question(URL))).status_code
            first.cancel()
            await asyncio.wait({first})
            return status

    assert asyncio.run(ask()) == 503


def test_a_control_that_ends_breaks_off_what_it_was_answering_and_says_so() -> None:
    hanging = ScriptedNetwork(names={f"{NAME}.": [SITE]}, streams={f"{SITE}:80": saying()}, hangs=True)
    ours = service(hanging)

    async def ask() -> list[int]:
        async with client(control_app(ours)) as asking:
            first = asyncio.create_task(asking.post("/", json=question(URL)))
            await hanging.hanging.wait()
            ours.end()
            later = await asking.post("/", json=question(URL))
            return [(await first).status_code, later.status_code]

    assert asyncio.run(ask()) == [503, 503]
    assert hanging.left_open == []


def test_whoever_opens_it_in_a_browser_is_told_what_it_is() -> None:
    app = control_app(service())
    assert "control" in sent(app, "GET", "/").json()["what"]
    assert sent(app, "GET", "/health").json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/control", "/control/"])
def test_an_application_embeds_it_under_a_path(path: str) -> None:
    app = FastAPI()
    app.include_router(control_routes(service(), "/control"))
    assert sent(app, "POST", path, json=question(URL)).json()["dns"]["addrs"] == [SITE]
    assert sent(app, "GET", path).status_code == 200
    assert sent(app, "GET", "/control/health").status_code == 200
    assert sent(app, "POST", "/", json=question(URL)).status_code == 404


def test_no_client_s_address_is_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    app = control_app(service(burst=1))
    for _ in range(2):
        sent(app, "POST", "/", json=question(URL))
    assert CLIENT not in caplog.text + "".join(capfd.readouterr())


def test_an_asker_is_told_its_own_address_and_nobody_else_s() -> None:
    reply = sent(control_app(service()), "POST", "/", json=question(URL))
    assert reply.headers[YOUR_ADDRESS] == CLIENT
    assert CLIENT not in reply.text
