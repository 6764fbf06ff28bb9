"""A real browser, where the machine has one, and an instance for it to read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import served
from tests.publish.instances import filled, hostile, published, story

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]


# No longer than the module: Playwright keeps an event loop running, beside which no other test can start its own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(
            f"{CHROMIUM} is absent: `apt-get install chromium fonts-dejavu-core` to test in a browser"
        )
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an instance is served that also holds a measurement whose texts are attacks."""
    with (
        filled(tmp_path_factory.mktemp("served"), [*story(), hostile()]) as store,
        served(published(store)) as at,
    ):
        yield at
