"""Whatever is asked, the answer is an answer: never an exception, never a 500."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.publish.instances import BLOCKED_UID
from tests.publish.reader import Reader

# Values that hit close to the mark get further in than noise does.
LIKELY = st.sampled_from(
    [
        *(
            "",
            "KZ",
            "kz,BR",
            "ZZ",
            "AS9198",
            "0",
            "-1",
            "9198,29355",
            "99999999999999999999",
            "1e3",
            "NaN",
            "true",
        ),
        *(
            "2022-01-05",
            "2022-01-05T04:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-12:00",
            "10000-01-01",
        ),
        *(
            "2022-W01",
            "blocked",
            "ok",
            "tls",
            "tls_sni_reset",
            "probe_cc",
            "measurement_start_day",
            "domain",
            "hour",
        ),
        *(
            "csv",
            "CSV",
            "jsonl",
            "asc",
            "desc",
            "test_name",
            "web_connectivity",
            "news.example.org",
            "NEWS",
            "blocking_type",
        ),
        *(
            "https://news.example.org/",
            "%",
            "_",
            "'",
            '"',
            "\\",
            "\x00",
            "\ufffe",
            "{{7*7}}",
            "a" * 3000,
            BLOCKED_UID,
        ),
    ]
)
VALUES = LIKELY | st.text(max_size=40)
NAMES = {
    "/api/v1/measurements": "report_id input domain probe_cc probe_asn test_name category_code since until confirmed "
    "anomaly failure software_version engine_version ooni_run_link_id order_by order limit offset",
    "/api/v1/aggregation": "axis_x axis_y input domain category_code probe_cc probe_asn test_name since until "
    "time_grain format download",
    "/api/v1/raw_measurement": "measurement_uid report_id input",
    "/api/v1/measurement_meta": "measurement_uid report_id input full",
    "/api/v2/verdicts": "country asn target since until state method layer mechanism rule_id category limit offset "
    "format",
    "/verdicts": "country asn target since until state method layer mechanism rule_id category limit offset",
    "/": "q",
    "/target/news.example.org": "country",
}
ANSWERED = {200, 400, 404, 422}
# The instance is only read, so it may serve every example of a test.
FUZZED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("path", NAMES)
@FUZZED
@given(st.data())
def test_no_query_makes_it_fail(instance: Reader, path: str, data: st.DataObject) -> None:
    query = data.draw(st.dictionaries(st.sampled_from(NAMES[path].split()), VALUES, max_size=5))
    assert instance.get(f"{path}?{urlencode(query)}").status_code in ANSWERED


@FUZZED
@given(st.binary(max_size=60))
def test_no_bytes_for_a_query_make_it_fail(instance: Reader, noise: bytes) -> None:
    assert (
        instance.get(f"/api/v2/verdicts?target={quote(noise)}&{quote(noise, safe='=&;,')}").status_code
        in ANSWERED
    )


@pytest.mark.parametrize(
    "folder", ["/country/", "/target/", "/measurement/", "/api/v2/verdicts/", "/api/v1/measurement/"]
)
@FUZZED
@given(VALUES)
def test_no_name_makes_it_fail(instance: Reader, folder: str, name: str) -> None:
    assert instance.get(folder + quote(name, safe="")).status_code in {*ANSWERED, 307}


@pytest.mark.parametrize("host", ["[", "evil.test:port", "", "a b", "\\", "//", "@", "?"])
def test_no_host_makes_it_fail(instance: Reader, host: str) -> None:
    assert instance.get("/api/v1/measurements", headers={"Host": host}).status_code in ANSWERED
