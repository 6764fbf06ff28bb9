"""What holds for every answer, whatever was asked."""

import pytest

from tests.publish.instances import BLOCKED_UID
from tests.publish.page import Page
from tests.publish.reader import Reader

PAGES = [
    "/",
    "/?q=kaz",
    "/country/KZ",
    "/country/FR",
    "/target/telegram.example.org",
    "/target/telegram.example.org?country=KZ",
    "/verdicts",
    "/verdicts?state=blocked&country=KZ",
    f"/measurement/{BLOCKED_UID}",
    "/rules",
    "/docs",
]
ANSWERS = [
    "/openapi.json",
    "/healthz",
    "/api/v1/measurements",
    "/api/v1/aggregation",
    f"/api/v1/raw_measurement?measurement_uid={BLOCKED_UID}",
    f"/api/v1/measurement/{BLOCKED_UID}",
    f"/api/v1/measurement_meta?measurement_uid={BLOCKED_UID}",
    "/api/v2/verdicts",
    "/api/v2/verdicts?format=csv",
    f"/api/v2/verdicts/{BLOCKED_UID}",
    "/api/v2/rules",
    "/static/lampwatch.css",
]
REFUSALS = ["/nothing", "/country/QQ", "/measurement/none", "/api/v1/nothing", "/verdicts?state=nonsense"]
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", [*PAGES, *ANSWERS])
def test_it_answers(instance: Reader, path: str) -> None:
    assert instance.get(path).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, *ANSWERS, *REFUSALS])
def test_no_script_runs_and_nothing_comes_from_elsewhere(instance: Reader, path: str) -> None:
    assert instance.get(path).headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize("path", [*PAGES, *ANSWERS, *REFUSALS])
def test_nobody_is_told_what_was_read_and_nothing_is_guessed(instance: Reader, path: str) -> None:
    headers = instance.get(path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", [*PAGES, *ANSWERS, *REFUSALS])
def test_every_answer_says_how_long_it_may_be_kept(instance: Reader, path: str) -> None:
    assert instance.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_one_heading_a_language_a_title_and_named_tables(instance: Reader, path: str) -> None:
    page = Page(instance.get(path).text)
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert len(page.all("title")) == 1
    assert len(page.all("caption")) == len(page.all("table"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_script_and_no_style_of_its_own(instance: Reader, path: str) -> None:
    page = Page(instance.get(path).text)
    assert not page.all("script")
    assert not page.all("style")
    assert not [attributes for _, attributes in page.elements if "style" in attributes]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_links_to_this_instance_alone(instance: Reader, path: str) -> None:
    page = Page(instance.get(path).text)
    links = [element.get("href") or element.get("src") or "" for _, element in page.elements]
    assert [link for link in links if link and not link.startswith(("/", "#", "?"))] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(instance: Reader, path: str) -> None:
    page = Page(instance.get(path).text)
    own = path.partition("?")[0]
    links = {element["href"] for _, element in page.elements if element.get("href", "")[:1] in {"/", "?"}}
    asked = {own + link if link.startswith("?") else link.partition("#")[0] for link in links}
    allowed = {
        "/api/v1/raw_measurement",
        "/api/v1/measurement_meta",
    }  # named on /docs without their parameters
    assert [link for link in sorted(asked - allowed) if instance.get(link).status_code != 200] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_place_on_a_page_that_is_linked_to_is_there(instance: Reader, path: str) -> None:
    page = Page(instance.get(path).text)
    places = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    wanted = {a["href"][1:] for a in page.all("a") if a.get("href", "").startswith("#")}
    assert wanted - places == set()


@pytest.mark.parametrize("path", PAGES)
def test_no_place_has_its_name_twice(instance: Reader, path: str) -> None:
    page = Page(instance.get(path).text)
    places = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(places) == len(set(places))


def test_the_head_is_all_that_head_gives(instance: Reader) -> None:
    head, whole = instance.get("/rules", method="HEAD"), instance.get("/rules")
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["ETag"] == whole.headers["ETag"]


@pytest.mark.parametrize("path", ["/", "/api/v2/rules"])
def test_what_the_reader_has_is_not_sent_again(instance: Reader, path: str) -> None:
    tag = instance.get(path).headers["ETag"]
    again = instance.get(path, headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag


def test_what_changed_is_sent(instance: Reader) -> None:
    assert instance.get("/", headers={"If-None-Match": 'W/"something older"'}).status_code == 200


def test_a_file_asked_for_by_its_version_may_be_kept_for_ever(instance: Reader) -> None:
    style = Page(instance.get("/").text).all("link")[0]["href"]
    assert "?v=" in style
    assert "immutable" in instance.get(style).headers["Cache-Control"]
    assert "immutable" not in instance.get("/static/lampwatch.css?v=older").headers["Cache-Control"]


def test_health_is_never_kept(instance: Reader) -> None:
    answer = instance.get("/healthz")
    assert answer.json()["status"] == "ok"
    assert answer.json()["measurements"] == 37
    assert answer.headers["Cache-Control"] == "no-store"
