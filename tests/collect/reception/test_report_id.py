import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.collect.reception.report_id import asn_of, is_report_id, report_id
from tests.collect.reception.making import NOW, RANDOM


def test_a_report_is_named_in_ooni_s_form() -> None:
    assert report_id(NOW, "web_connectivity", "kz", "AS9198", RANDOM) == (
        f"20261123T123005Z_webconnectivity_KZ_9198_n1_{RANDOM}"
    )


@given(
    st.datetimes(dt.datetime(2010, 1, 1), dt.datetime(2099, 1, 1)),  # noqa: DTZ001  UTC without a zone
    st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True),
    st.text(max_size=5),
    st.text(max_size=14) | st.integers(0, 2**33).map(lambda n: f"AS{n}"),
)
def test_every_name_that_is_given_out_is_known_again(
    now: dt.datetime, name: str, country: str, asn: str
) -> None:
    assert is_report_id(report_id(now, name, country, asn, RANDOM))


@pytest.mark.parametrize("name", ["", "Web", "a b", "a/b", "é", "x" * 65])
def test_what_names_no_test_names_no_report(name: str) -> None:
    with pytest.raises(ValueError, match="test_name"):
        report_id(NOW, name, "KZ", "AS1", RANDOM)


@pytest.mark.parametrize(
    "text", ["", "x", "20261123T123005Z_web_KZ_9198_n1_short", f"20261123T123005Z_web_KZ_9198_n1_{RANDOM}\n"]
)
def test_other_texts_are_no_report(text: str) -> None:
    assert not is_report_id(text)


@pytest.mark.parametrize(
    ("text", "asn"), [("AS9198", 9198), ("as1", 1), ("9198", 9198), ("AS4294967296", 0), ("ASx", 0), ("", 0)]
)
def test_a_network_is_a_number_or_unknown(text: str, asn: int) -> None:
    assert asn_of(text) == asn
