import datetime as dt
from pathlib import Path

import pytest

from lampwatch.publish.app import create_app
from tests.publish.instances import RULES, filled, story
from tests.publish.page import Page
from tests.publish.reader import Reader


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/api/v1/nothing", 404, "No page or route of Lampwatch has the address /api/v1/nothing."),
        ("/api/v1/raw_measurement", 400, "give measurement_uid, or report_id and input"),
        ("/api/v1/raw_measurement?measurement_uid=none", 404, "no such measurement"),
        ("/api/v1/measurement_meta?report_id=none", 404, "no such measurement"),
        ("/api/v1/measurement/none", 404, "no such measurement"),
        ("/api/v2/verdicts/none", 404, "no such measurement"),
        ("/api/v1/measurements?probe_asn=ASx", 422, "probe_asn: 'ASX' is no network; write AS9198 or 9198"),
        ("/api/v1/measurements?probe_asn=4294967296", 422, "is no network"),
        ("/api/v1/measurements?probe_cc=Kazakhstan", 422, "is no country code; write two letters"),
        ("/api/v1/measurements?since=yesterday", 422, "since: 'yesterday' is no date or time"),
        ("/api/v1/measurements?since=2022-02-01&until=2022-01-01", 422, "until is before since"),
        ("/api/v1/measurements?limit=0", 422, "limit:"),
        ("/api/v1/measurements?offset=-1", 422, "offset:"),
        ("/api/v1/measurements?order=sideways", 422, "order:"),
        ("/api/v1/measurements?anomaly=maybe", 422, "anomaly:"),
        ("/api/v1/aggregation?axis_x=shoe_size", 422, "axis_x:"),
        ("/api/v1/aggregation?axis_x=probe_cc&axis_y=probe_cc", 422, "axis_x and axis_y are the same"),
        ("/api/v1/aggregation?time_grain=fortnight", 422, "time_grain:"),
        ("/api/v1/aggregation?format=xml", 422, "format:"),
        ("/api/v2/verdicts?state=censored", 422, "state:"),
        ("/api/v2/verdicts?contry=KZ", 422, "contry: no such parameter"),
        ("/api/v2/verdicts?format=xml", 422, "format:"),
        ("/api/v2/verdicts?asn=9198x", 422, "asn: '9198X' is no network"),
    ],
)
def test_a_program_is_told_in_one_line_of_json(instance: Reader, path: str, status: int, says: str) -> None:
    answer = instance.get(path)
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]
    assert says in answer.json()["detail"]
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/nothing", 404, "No page or route of Lampwatch has the address /nothing."),
        ("/country/QQ", 404, "'QQ' is no country code"),
        ("/target/never.test", 404, "Nothing named 'never.test' was measured"),
        ("/target/telegram.example.org?country=FR", 404, "was measured in FR"),
        ("/measurement/none", 404, "no measurement of that name"),
        ("/verdicts?since=soon", 422, "'soon' is no date or time"),
        ("/static/nothing.css", 404, "No page or route"),
    ],
)
def test_a_person_is_told_in_words(instance: Reader, path: str, status: int, says: str) -> None:
    answer = instance.get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert says in Page(answer.text).text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_from_outside(instance: Reader, method: str) -> None:
    answer = instance.get("/api/v2/verdicts", method=method)
    assert answer.status_code == 405
    assert "only read" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/api/v1/measurements"])
def test_a_bug_of_ours_is_owned_up_to_and_tells_no_secret(tmp_path: Path, path: str) -> None:
    def broken_timer() -> float:
        message = "a secret of the machine"
        raise RuntimeError(message)

    def broken_clock() -> dt.datetime:
        message = "a secret of the machine"
        raise RuntimeError(message)

    with filled(tmp_path, story()) as store:
        app = create_app(store, rules=RULES, clock=broken_clock, timer=broken_timer)
        answer = Reader(app, raises=False).get(path)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "bug of ours" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
