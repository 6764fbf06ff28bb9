"""The pages in a real browser: quiet, whole without scripts, on a phone, by keyboard, in the dark and on paper."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.publish.instances import BLOCKED_UID, HOSTILE_UID

PAGES = [
    "/",
    "/country/KZ",
    "/target/telegram.example.org?country=KZ",
    "/verdicts?country=KZ",
    f"/measurement/{BLOCKED_UID}",
    f"/measurement/{HOSTILE_UID}",
    "/rules",
    "/docs",
]
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
LIGHTNESS = """color => { const [r, g, b] = color.match(/[0-9.]+/g).map(Number).map(v => { v /= 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b }"""
# The contrast of each element's own text with the first opaque ground behind it, where it is lower than WCAG AA asks.
TOO_FAINT = f"""() => {{ const lightness = {LIGHTNESS};
  const ground = e => {{ for (; e; e = e.parentElement) {{ const c = getComputedStyle(e).backgroundColor;
    if (!c.endsWith(', 0)') && c !== 'transparent') return c }} return 'rgb(255, 255, 255)' }};
  const faint = new Set();
  for (const e of document.querySelectorAll('body *')) {{
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest('svg')) continue;
    const [a, b] = [lightness(getComputedStyle(e).color), lightness(ground(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) faint.add(e.tagName + '.' + e.className + ' ' + e.textContent.trim());
  }} return [...faint] }}"""


@contextmanager
def opened(browser: Browser, **how: Any) -> Iterator[Page]:
    context = browser.new_context(**how)
    try:
        yield context.new_page()
    finally:
        context.close()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_complained_of(browser: Browser, address: str, path: str) -> None:
    with opened(browser, viewport=DESK) as page:
        complaints: list[str] = []
        asked: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(address + path, wait_until="networkidle")
        assert complaints == []
        assert [url for url in asked if not url.startswith(address)] == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_missing_without_scripts(browser: Browser, address: str, path: str) -> None:
    texts = []
    for scripts in (True, False):
        with opened(browser, viewport=DESK, java_script_enabled=scripts) as page:
            page.goto(address + path)
            texts.append(page.inner_text("main"))
    assert texts[0] == texts[1]
    assert len(texts[0]) > 200


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_never_scrolls_sideways(browser: Browser, address: str, path: str) -> None:
    with opened(browser, viewport=PHONE) as page:
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_all_text_stands_out_from_its_ground(browser: Browser, address: str, path: str, scheme: Any) -> None:
    with opened(browser, viewport=DESK, color_scheme=scheme) as page:
        page.goto(address + path)
        assert page.evaluate(TOO_FAINT) == []


def test_the_dark_is_dark(browser: Browser, address: str) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        with opened(browser, color_scheme=scheme) as page:
            page.goto(address)
            color = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            grounds[scheme] = page.evaluate(f"({LIGHTNESS})({color!r})")
    assert grounds["dark"] < 0.05
    assert grounds["light"] > 0.9


def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser: Browser, address: str) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto(address)
        reached = []
        for _ in range(12):
            page.keyboard.press("Tab")
            here = page.evaluate(
                "() => { const e = document.activeElement, s = getComputedStyle(e);"
                " return [e.textContent.trim() || e.id, s.outlineStyle, parseFloat(s.outlineWidth)] }"
            )
            reached.append(here[0])
            assert here[1] == "solid", here
            assert here[2] >= 2, here
        assert reached[0] == "Skip to the content"
        assert {"Overview", "Verdicts", "Rules", "API", "q", "Find"} <= set(reached)


def test_a_country_is_found_by_typing_its_name(browser: Browser, address: str) -> None:
    with opened(browser, viewport=PHONE, java_script_enabled=False) as page:
        page.goto(address)
        page.get_by_label("Find a country, a target or a category").fill("kazakh")
        with page.expect_navigation(url=re.compile(r"/\?q=kazakh$")):
            page.keyboard.press("Enter")
        page.get_by_role("link", name="Kazakhstan").click()
        page.wait_for_url("**/country/KZ")
        assert page.inner_text("h1") == "Kazakhstan"


def test_the_way_from_the_overview_to_the_witness_is_short(browser: Browser, address: str) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto(address + "/country/KZ")
        page.get_by_role("row", name="blocked").get_by_role("link", name="telegram.example.org").last.click()
        page.get_by_role("link", name="probe.handshake.0").click()
        page.wait_for_url("**#probe.handshake.0")
        assert "connection reset" in page.locator("tr:target").inner_text()


def test_tables_keep_their_meaning_on_a_phone(browser: Browser, address: str) -> None:
    with opened(browser, viewport=PHONE) as page:
        page.goto(address + "/country/KZ")
        table = page.get_by_role("table", name="Networks measured in Kazakhstan")
        assert table.get_by_role("columnheader").count() == 3
        assert table.get_by_role("rowheader", name="AS9198 Kazakhtelecom").count() == 1


def test_paper_gets_the_evidence_without_the_menus(browser: Browser, address: str) -> None:
    with opened(browser, viewport=DESK) as page:
        page.goto(address + f"/measurement/{BLOCKED_UID}")
        page.emulate_media(media="print")
        assert not page.get_by_role("navigation").first.is_visible()
        assert page.get_by_role("heading", name="blocked").is_visible()
