"""Closed vocabularies in a reader's words. Every state has a mark and a word, so that colour never says it alone."""

from typing import Final

from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State

INSUFFICIENT: Final = "insufficient"
"""The state of what was measured and could not be judged even once. It is never `ok`."""

STATE_MARKS: Final[dict[str, str]] = {
    State.BLOCKED: "\u2715",
    State.DOWN: "\u25bc",
    State.OK: "\u2713",
    State.UNKNOWN: "?",
    INSUFFICIENT: "?",
}
STATE_MEANINGS: Final[dict[str, str]] = {
    State.BLOCKED: "something on the way kept it from working; its rule, control and witnesses say how that is known",
    State.DOWN: "it did not work from outside either, so the network is not accused",
    State.OK: "it worked, and nothing speaks against it",
    State.UNKNOWN: "this measurement cannot tell; it does not mean that it worked",
    INSUFFICIENT: "measured, but no verdict could be reached; it does not mean that it worked",
}
LAYERS: Final[dict[str, str]] = {
    Layer.DNS: "DNS, the name\u2019s address",
    Layer.IP: "IP, reaching the address",
    Layer.TLS: "TLS, the encrypted handshake",
    Layer.QUIC: "QUIC, the encrypted handshake over UDP",
    Layer.HTTP: "HTTP, the page itself",
    Layer.PATH: "the path, a device in between",
}
MECHANISMS: Final[dict[str, str]] = {
    Mechanism.DNS_NXDOMAIN: "the resolver said that the name does not exist",
    Mechanism.DNS_NO_ANSWER: "the resolver gave no address",
    Mechanism.DNS_REFUSED: "the resolver refused to answer",
    Mechanism.DNS_TIMEOUT: "the resolver never answered",
    Mechanism.DNS_BOGON: "the resolver gave an address that no public server can have",
    Mechanism.DNS_SPOOF: "the resolver gave somebody else\u2019s address",
    Mechanism.IP_DROP: "packets to the address were dropped",
    Mechanism.IP_REFUSE: "connections to the address were refused",
    Mechanism.TLS_SNI_RESET: "the connection was reset once it named the site",
    Mechanism.TLS_SNI_DROP: "the connection went silent once it named the site",
    Mechanism.TLS_INTERCEPTION: "somebody else answered the encrypted handshake",
    Mechanism.QUIC_DROP: "QUIC packets were dropped",
    Mechanism.HTTP_RESET: "the connection was reset after the request",
    Mechanism.HTTP_DROP: "the request was never answered",
    Mechanism.HTTP_BLOCK_PAGE: "another page came in place of the site\u2019s own",
    Mechanism.HTTP_REDIRECT: "the request was led away to another site",
    Mechanism.PROTOCOL_DROP: "the protocol\u2019s packets were dropped",
    Mechanism.PROTOCOL_RESET: "the protocol\u2019s connections were reset",
    Mechanism.THROTTLING: "the transfer was slowed down",
    Mechanism.STREAM_INTERRUPTED: "the stream was there and did not go on",
    Mechanism.MIDDLEBOX: "a device in between changed what was sent",
}
EVIDENCE: Final[dict[str, str]] = {
    Evidence.DIRECT: "direct: the interference itself was seen",
    Evidence.COMPARED: "compared: the control did the same, to the same endpoint, and it worked",
    Evidence.INFERRED: "inferred: something else that worked stands in for a control of this very step",
    Evidence.NONE: "none needed: nothing is accused",
}
CONTROLS: Final[dict[str, str]] = {
    Control.WORKED: "worked: the same was tried from outside, and it worked",
    Control.FAILED: "failed too: the same was tried from outside, and it did not work there either",
    Control.ABSENT: "absent: nobody outside is known to have tried the same",
}
KINDS: Final[dict[str, str]] = {
    "dns": "DNS answers",
    "tcp": "TCP connections",
    "tls": "TLS handshakes",
    "handshake": "handshakes",
    "quic": "QUIC handshakes",
    "h3": "HTTP/3 exchanges",
    "versions": "questions for the versions of QUIC",
    "playlist": "looks at the playlist",
    "segments": "pieces of the stream",
    "http": "HTTP exchanges",
    "echo": "echoes of what was sent",
    "failed": "attempts that failed",
    "reached": "attempts that succeeded",
    "connects": "TCP connections",
    "handshakes": "handshakes",
    "name": "DNS answers for the name",
    "answered": "requests that were answered",
    "equal": "requests that arrived unchanged",
    "changed": "requests that arrived changed",
    "cut": "requests that were cut off",
    "lost": "requests that got no answer",
    "exchange": "exchange with the server",
    "ech": "handshakes with an encrypted name (ECH)",
    "bootstrap": "bootstrap",
    "servers": "attempts to reach the servers",
    "link": "other attempts, which show that the link worked",
}


def group_in_words(group: str) -> str:
    """A group of facts as rules name it: `control.http` -> "the control's HTTP exchanges"."""
    place, _, kind = group.rpartition(".")
    what = KINDS.get(kind, f"facts named \u201c{kind}\u201d")
    if place == "control":
        return f"the control\u2019s {what}"
    if place == "last":
        return f"the probe\u2019s {what} with the last redirect\u2019s host"
    return f"the probe\u2019s {what}"


def failure_in_words(failure: str) -> str:
    """A failure as a reader says it: `generic_timeout_error` -> "timeout"."""
    return failure.removesuffix("_error").removeprefix("generic_").replace("_", " ")


def meaning(state: str, mechanism: str | None) -> str:
    """What a verdict's state means. What got through while a device took part in it is not simply well."""
    if state == State.OK and mechanism is not None:
        return "it got through, and something on the way took part in it all the same"
    return STATE_MEANINGS.get(state, STATE_MEANINGS[State.UNKNOWN])


def state_in_words(state: str) -> str:
    """A state as a sentence begins with it: `ok` -> "OK", `blocked` -> "Blocked"."""
    return "OK" if state == State.OK else state.capitalize()
