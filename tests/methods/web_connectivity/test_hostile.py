"""Whatever a document holds: it is judged, or set aside for a reason that is not our own bug."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import NO_REFERENCES, References
from lampwatch.methods.web_connectivity import rules
from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.vocabulary import Control, Evidence, State
from tests.methods.judging import READER
from tests.methods.web_connectivity.measuring import (
    BLOCKER,
    HOST,
    HTTP,
    HTTPS,
    NXDOMAIN,
    RESET,
    SITE,
    TIMEOUT,
    block_page,
    connect,
    control,
    document,
    fetch,
    joined,
    query,
    redirect,
    resolved,
    served,
    shake,
)

PAGES = KnownPages(
    [
        Fingerprint("page", Scope.NAT, "body", Pattern.CONTAINS, "By order", 5, frozenset()),
        Fingerprint("answer", Scope.ISP, "dns", Pattern.FULL, BLOCKER, 5, frozenset()),
        Fingerprint("location", Scope.ISP, "header.location", Pattern.PREFIX, "http://b", 5, frozenset()),
    ],
    "test",
)
REFERENCES = [NO_REFERENCES, References(fingerprints=PAGES)]

SEEDS = [
    (HTTPS, joined(resolved(HOST, SITE), served(HTTPS, SITE), control(SITE))),
    (
        HTTP,
        joined(
            resolved(HOST, BLOCKER, doh=(SITE,)),
            connect(BLOCKER, 80),
            block_page(HTTP, BLOCKER),
            control(SITE),
        ),
    ),
    (
        HTTP,
        joined(
            resolved(HOST, SITE),
            connect(SITE, 80),
            redirect(HTTP, SITE, HTTPS),
            {"queries": [query(HOST, failure=NXDOMAIN, depth=1)]},
            connect(SITE, 443, TIMEOUT, depth=1),
            shake(SITE, RESET, depth=1),
            fetch(HTTPS, SITE, failure=RESET, depth=1),
            {"x_dns_duplicate_responses": [query(HOST, BLOCKER, engine="udp")]},
            control(SITE),
        ),
    ),
]

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(
        [
            "",
            "http://[",
            "::",
            "[::1]:x",
            "127.0.0.1",
            BLOCKER,
            TIMEOUT,
            NXDOMAIN,
            "depth=3",
            "\ud800",
            "\x00",
        ]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, by its path."""
    found = [here] if here else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*here, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            found += places(inner, (*here, n))
    return found


def changed(value: Any, path: tuple[Any, ...], to: Any) -> Any:
    """The document with another value at a place; places that went before are left alone."""
    step, *rest = path
    try:
        value[step] = changed(value[step], tuple(rest), to) if rest else to
    except (KeyError, IndexError, TypeError):
        return value
    return value


SEED_PLACES = [places({"input": url, "test_keys": keys}) for url, keys in SEEDS]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    n = draw(st.integers(0, len(SEEDS) - 1))
    url, keys = SEEDS[n]
    whole = json.loads(document(url, keys))
    for _ in range(draw(st.integers(1, 4))):
        whole = changed(whole, draw(st.sampled_from(SEED_PLACES[n])), draw(VALUES))
    return json.dumps(whole).encode()


def bears(raw: bytes) -> None:
    read = READER.read(raw)
    if isinstance(read, SetAside):
        assert read.reason is not Reason.INTERNAL_ERROR, read.detail
        return
    if read.observations is None:
        return  # its test name was changed into one that no method reads
    for references in REFERENCES:
        (verdict,) = rules.assess(read.measurement, read.observations, references)
        accuses = verdict.state is State.BLOCKED
        assert not accuses or verdict.control is not Control.ABSENT
        assert accuses == (verdict.evidence is not Evidence.NONE)
        assert not accuses or (verdict.layer and verdict.mechanism and verdict.witnesses)


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_mutated_measurement_is_borne_and_never_accuses_without_a_control(raw: bytes) -> None:
    bears(raw)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([HTTPS, HTTP]), VALUES)
def test_anything_for_keys_is_borne(url: str, keys: Any) -> None:
    read = READER.read(document(url, keys))
    assert not isinstance(read, SetAside) or read.reason is not Reason.INTERNAL_ERROR


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(SEEDS) - 1), st.integers(0, 20_000), st.binary(max_size=4))
def test_bytes_that_were_cut_or_flipped_are_borne(n: int, at: int, put: bytes) -> None:
    raw = document(*SEEDS[n])
    bears(raw[: at % len(raw)] + put + raw[at % len(raw) + len(put) :])
    read = READER.read(raw[: at % len(raw)])
    assert isinstance(read, SetAside)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_for_a_url_is_borne(url: str) -> None:
    bears(document(url, SEEDS[2][1]))
