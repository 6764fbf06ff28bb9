"""What the pages say of Kazakhstan in January 2022, as tests/publish/instances.py tells it."""

import re
from pathlib import Path

import msgspec
import pytest

from lampwatch.publish.example import LABEL
from tests.publish.instances import BLOCKED_UID, RESET, filled, published, story
from tests.publish.page import Page
from tests.publish.reader import Reader


def read(instance: Reader, path: str) -> Page:
    answer = instance.get(path)
    assert answer.status_code == 200, answer.text
    return Page(answer.text)


def test_the_overview_tells_how_much_is_known(instance: Reader) -> None:
    text = read(instance, "/").text
    assert (
        "37 measurements of 3 targets from 3 networks in 2 countries, from 1 January 2022 to 7 January 2022"
        in text
    )
    assert "10 verdicts: something on the way kept it from working" in text


def test_the_overview_counts_what_was_set_aside_and_says_why(instance: Reader) -> None:
    assert "the JSON document ends in the middle 1 1" in read(instance, "/").text


def test_the_overview_has_the_latest_change_first(instance: Reader) -> None:
    text = read(instance, "/").text
    assert text.index("6 Jan 2022, 03:00 news.example.org") < text.index(
        "3 Jan 2022, 04:00 telegram.example.org"
    )


def test_countries_measured_last_come_first(instance: Reader) -> None:
    text = read(instance, "/").text
    countries = text[text.index("Countries, the one measured last first") :]
    assert countries.index("Brazil") < countries.index("Kazakhstan")


@pytest.mark.parametrize(
    ("wanted", "there", "absent"),
    [
        ("kazakh", "Kazakhstan", "Brazil"),
        ("br", "Brazil", "telegram.example.org"),
        ("TELEGRAM", "telegram.example.org", "news.example.org"),
        ("news", "news.example.org", "gone.example.net"),
    ],
)
def test_what_is_looked_for_is_shown_alone(instance: Reader, wanted: str, there: str, absent: str) -> None:
    text = read(instance, f"/?q={wanted}").text
    assert there in text
    assert absent not in text


def test_finding_nothing_is_said(instance: Reader) -> None:
    text = read(instance, "/?q=atlantis").text
    assert "No country measured here matches." in text
    assert "No target measured here matches." in text


def test_an_empty_instance_says_what_to_do(empty: Reader) -> None:
    text = read(empty, "/").text
    assert "This instance holds no measurements yet." in text
    assert "lampwatch ingest" in text


def test_what_could_never_be_judged_is_insufficient_and_not_ok(attacked: Reader) -> None:
    text = read(attacked, "/?q=script").text
    targets = text[text.index("Targets, the one measured last") :]
    assert "? insufficient" in targets
    assert "\u2713 ok" not in targets


def test_a_country_names_its_networks_and_those_that_block(instance: Reader) -> None:
    text = read(instance, "/country/KZ").text
    assert text.startswith("Kazakhstan: what is blocked")
    assert "2 of 3AS9198 KazakhtelecomAS29355 Kcell" in text
    assert "AS48503 Tele2 Kazakhstan" in text


def test_a_country_s_code_may_be_written_small(instance: Reader) -> None:
    assert "Kazakhstan" in read(instance, "/country/kz").text


def test_a_country_nobody_measured_is_not_called_free(instance: Reader) -> None:
    assert "Nobody has measured France" in read(instance, "/country/FR").text


def test_the_drawing_of_days_says_in_words_what_it_shows(instance: Reader) -> None:
    drawings = [svg for svg in read(instance, "/country/KZ").all("svg") if svg.get("role") == "img"]
    assert drawings[0]["aria-label"] == (
        "Verdicts a day from 2022-01-01 to 2022-01-06: measured on 6 of 6 days, some verdict blocked on 4 of them, "
        "at most 6 verdicts a day."
    )


def test_a_target_shows_each_network_and_when_it_changed(instance: Reader) -> None:
    text = read(instance, "/target/telegram.example.org").text
    assert "3 Jan 2022, 04:00 in Kazakhstan on AS9198 Kazakhtelecom: \u2713 ok became \u2715 blocked" in text
    assert "AS48503 Tele2 Kazakhstan" in text


def test_a_verdict_leads_to_its_evidence(instance: Reader) -> None:
    links = [a["href"] for a in read(instance, "/verdicts?state=blocked&asn=9198").all("a")]
    assert f"/measurement/{BLOCKED_UID}" in links


def test_pages_of_verdicts_lead_on_and_back(instance: Reader) -> None:
    links = {
        a["rel"]: a["href"]
        for a in read(instance, "/verdicts?country=KZ&limit=10&offset=10").all("a")
        if "rel" in a
    }
    assert links == {"prev": "/verdicts?country=KZ&offset=0", "next": "/verdicts?country=KZ&offset=20"}


def test_a_measurement_says_why_by_which_rule_and_on_which_versions(instance: Reader) -> None:
    page = read(instance, f"/measurement/{BLOCKED_UID}")
    assert f"Blocked, because {RESET.because}." in page.text
    assert "the connection was reset once it named the site tls_sni_reset" in page.text
    assert "worked: the same was tried from outside, and it worked" in page.text
    assert "the probe\u2019s TLS handshakes; the control\u2019s TLS handshakes" in page.text
    assert "rules 2026.11.1, networks asn-2022-01, fingerprints none" in page.text
    assert f"/rules#{RESET.id}" in [a.get("href") for a in page.all("a")]


def test_a_measurement_marks_its_witnesses_in_the_tables(instance: Reader) -> None:
    source = instance.get(f"/measurement/{BLOCKED_UID}").text
    marked = re.findall(r'<tr id="([^"]+)" class="witness"', source)
    assert marked == ["probe.handshake.0", "control.handshake.0"]
    assert (
        "probe.handshake.0 tls 93.184.216.34:443, naming telegram.example.org \u2192 failed: connection reset"
        in (Page(source).text)
    )


def test_a_measurement_without_a_control_says_so(instance: Reader) -> None:
    path = next(
        a["href"] for a in read(instance, "/verdicts?state=unknown").all("a") if "/measurement/" in a["href"]
    )
    assert "No control answered: there is nothing from outside to compare with." in read(instance, path).text


def test_every_rule_has_an_address(instance: Reader) -> None:
    page = read(instance, "/rules")
    assert RESET.id in {attributes.get("id") for _, attributes in page.elements}
    assert "CC BY 4.0" in page.text


def test_the_api_s_page_names_each_route_with_its_parameters(instance: Reader) -> None:
    text = read(instance, "/docs").text
    for path in instance.app.openapi()["paths"]:
        assert f"GET {path}" in text
    assert (
        "measurement_start_day, probe_cc, probe_asn, test_name, input, domain, category_code, blocking_type"
        in text
    )


def test_example_data_is_labelled_wherever_it_appears(tmp_path: Path) -> None:
    told = [
        (
            msgspec.structs.replace(measurement, source=f"example/{measurement.source}"),
            observations,
            verdict,
            name,
        )
        for measurement, observations, verdict, name in story()
    ]
    paths = ["/", "/country/KZ", "/target/telegram.example.org", "/verdicts", f"/measurement/{BLOCKED_UID}"]
    with filled(tmp_path, told) as store:
        reader = Reader(published(store))
        assert [path for path in paths if LABEL not in read(reader, path).text] == []


def test_real_data_is_never_labelled_an_example(instance: Reader) -> None:
    assert LABEL not in read(instance, "/").text


def test_an_instance_of_examples_says_so_on_every_page(tmp_path: Path) -> None:
    with filled(tmp_path, []) as store:
        reader = Reader(published(store, example=True))
        assert [path for path in ("/", "/rules", "/docs") if LABEL not in read(reader, path).text] == []
