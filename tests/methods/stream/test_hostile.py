"""Whatever a document of this method holds, it is read and judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.methods.stream.stations import METHOD, URL, Station, measured

TEXT = st.none() | st.text(max_size=8)
LOOK = st.fixed_dictionaries(
    {},
    optional={
        "url": TEXT,
        "failure": TEXT,
        "live": st.none() | st.booleans(),
        "newest": st.none() | st.integers(-(2**60), 2**60),
        "by_clock": st.none() | st.booleans(),
    },
)
PIECE = st.fixed_dictionaries(
    {"url": TEXT, "failure": TEXT}, optional={"status": st.none() | st.integers(-5, 999)}
)


@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from([None, "hls", "dash", "icy", "x"])},
        optional={
            "playlists": st.none() | st.lists(LOOK, max_size=3),
            "segments": st.none() | st.lists(PIECE, max_size=3),
            "segment_control": st.none() | st.just({}) | st.just({"dns": {"addrs": ["x"]}}),
        },
    )
)
def test_no_summary_is_fatal(summary: dict[str, object]) -> None:
    assert len(METHOD.judged({"x_stream": summary, "requests": []}, URL)) == 1


@pytest.mark.parametrize("missing", ["queries", "tcp_connect", "tls_handshakes", "requests", "x_stream"])
def test_no_missing_part_is_fatal(missing: str) -> None:
    keys = measured(Station())
    assert len(METHOD.judged(keys | {missing: None}, URL)) == 1
