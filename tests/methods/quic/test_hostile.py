"""Whatever a document of this method holds, it is read and judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.methods.quic.sites import IP, METHOD, URL, Site, http3, measured, seen_outside

TEXT = st.none() | st.text(max_size=12) | st.just(f"{IP}:443")
SHAKE = st.fixed_dictionaries(
    {"address": TEXT, "failure": TEXT},
    optional={"transaction_id": st.none() | st.integers(0, 3), "no_tls_verify": st.none() | st.booleans()},
)
LIST = st.fixed_dictionaries({"address": TEXT}, optional={"versions": st.none() | st.lists(st.text())})


@given(st.lists(SHAKE, max_size=3), st.lists(SHAKE, max_size=3), st.lists(LIST, max_size=2))
def test_no_handshakes_are_fatal(tls: list[object], quic: list[object], versions: list[object]) -> None:
    keys = {"tls_handshakes": tls, "quic_handshakes": quic, "x_quic_versions": versions}
    assert len(METHOD.judged(keys, URL)) == 1


@pytest.mark.parametrize(
    "missing", ["queries", "tcp_connect", "tls_handshakes", "quic_handshakes", "requests", "control"]
)
def test_no_missing_part_is_fatal(missing: str) -> None:
    keys = measured(Site({IP: http3()}), seen_outside())
    assert len(METHOD.judged(keys | {missing: None}, URL)) == 1
