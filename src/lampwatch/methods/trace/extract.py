"""Our test trace -> one handshake for each try, named by its number of hops."""

from collections.abc import Sequence
from typing import Final

import msgspec

from lampwatch.methods.trace.location import FAILURES, MOST_HOPS, What
from lampwatch.model.failure import Failure, failure_of
from lampwatch.model.measurement import Measurement
from lampwatch.model.observation import Facts, Handshake, Observations
from lampwatch.observe.archival import FailureText, Query, lookups

NAMES: Final = ("trace",)
NEEDS_INPUT: Final = True

PROTOCOLS: Final = ("tls", "http", "dns")
TARGET: Final = "target"
CONTROL: Final = "control"
WENT_ON: Final = "went_on"
"""The note of the tries, by their places and spaces, that a router reported beside what else was heard."""
_ANSWER: Final = "answer"
_MOST_TRIES: Final = 512
_LONGEST_NAME: Final = 253


class Heard(msgspec.Struct, gc=False):
    """One thing heard of a try: `answer`, or a failure."""

    what: str | None = None


class Tried(msgspec.Struct, gc=False):
    """One try of README.md, as far as it is used here."""

    side: str | None = None
    ttl: int | None = None
    failure: FailureText = None
    heard: list[Heard] | None = None
    transaction_id: int | None = None
    t: float | None = None


class TestKeys(msgspec.Struct, gc=False):
    """The keys of README.md, as far as they are used here."""

    queries: list[Query] | None = None
    protocol: str | None = None
    target_name: str | None = None
    control_name: str | None = None
    address: str | None = None
    port: int | None = None
    tries: list[Tried] | None = None


def extract(test_keys: TestKeys, _measurement: Measurement) -> Observations:
    """Each try as a handshake whose protocol is `tls`, `http` or `dns`, with `.ttlN` where hops were limited.

    server_name is the name that was sent; notes give the target's. The connects are not taken over: each try has one.
    """
    protocol = test_keys.protocol if test_keys.protocol in PROTOCOLS else ""
    names = {
        TARGET: (test_keys.target_name or "")[:_LONGEST_NAME],
        CONTROL: (test_keys.control_name or "")[:_LONGEST_NAME],
    }
    shakes: list[Handshake] = []
    went_on: list[str] = []
    for tried in (test_keys.tries or ())[:_MOST_TRIES] if protocol else ():
        ttl = tried.ttl or 0
        if tried.side not in names or not 0 <= ttl <= MOST_HOPS:
            continue
        heard = [one.what or "" for one in tried.heard or ()]
        what = _what(failure_of(tried.failure), heard)
        if what is not What.EXPIRED and Failure.HOST_UNREACHABLE in heard:
            went_on.append(str(len(shakes)))
        shakes.append(
            Handshake(
                f"{protocol}.ttl{ttl}" if ttl else protocol,
                names[tried.side],
                test_keys.address or "",
                test_keys.port or 0,
                FAILURES[what],
                transaction_id=tried.transaction_id or 0,
                t=tried.t,
            )
        )
    notes = {TARGET: names[TARGET], WENT_ON: " ".join(went_on)}
    return Observations(Facts(dns=lookups(test_keys.queries), handshakes=shakes), notes=notes)


def _what(failure: Failure | None, heard: Sequence[str]) -> What:
    """What came of a try: what a censor may have said goes before what a router did."""
    if failure is not None:
        return What.UNUSABLE
    kinds = {_ANSWER if one == _ANSWER else failure_of(one) for one in heard}
    if kinds & {Failure.CONNECTION_RESET, Failure.CONNECTION_ABORTED}:
        return What.RESET
    if Failure.EOF in kinds:
        return What.CLOSED
    if _ANSWER in kinds:
        return What.ANSWERED
    if Failure.HOST_UNREACHABLE in kinds:
        return What.EXPIRED
    return What.SILENT if not kinds else What.UNUSABLE
