"""The closed vocabularies: what a verdict may say, at which layer, by which mechanism, on how good a ground."""

from enum import StrEnum


class State(StrEnum):
    """What one measurement says of one target. `unknown` is never to be read as `ok`."""

    OK = "ok"
    DOWN = "down"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Layer(StrEnum):
    """The protocol layer at which it happened. `path` is for middleboxes seen without a target."""

    DNS = "dns"
    IP = "ip"
    TLS = "tls"
    QUIC = "quic"
    HTTP = "http"
    PATH = "path"


class Mechanism(StrEnum):
    """How it was done, as far as the wire shows it."""

    DNS_NXDOMAIN = "dns_nxdomain"
    DNS_NO_ANSWER = "dns_no_answer"
    DNS_REFUSED = "dns_refused"
    DNS_TIMEOUT = "dns_timeout"
    DNS_BOGON = "dns_bogon"
    DNS_SPOOF = "dns_spoof"
    IP_DROP = "ip_drop"
    IP_REFUSE = "ip_refuse"
    TLS_SNI_RESET = "tls_sni_reset"
    TLS_SNI_DROP = "tls_sni_drop"
    TLS_INTERCEPTION = "tls_interception"
    QUIC_DROP = "quic_drop"
    HTTP_RESET = "http_reset"
    HTTP_DROP = "http_drop"
    HTTP_BLOCK_PAGE = "http_block_page"
    HTTP_REDIRECT = "http_redirect"
    PROTOCOL_DROP = "protocol_drop"
    PROTOCOL_RESET = "protocol_reset"
    THROTTLING = "throttling"
    STREAM_INTERRUPTED = "stream_interrupted"
    MIDDLEBOX = "middlebox"


class Evidence(StrEnum):
    """How a rule knows, best first.

    direct    the interference itself was seen: a known block page or injected answer, a forged address
    compared  the control did the same thing, to the same endpoint, and it worked
    inferred  something else that worked stands in for a control of the very same step
    none      nothing is accused
    """

    DIRECT = "direct"
    COMPARED = "compared"
    INFERRED = "inferred"
    NONE = "none"


class Control(StrEnum):
    """What is known from outside. No control, one that failed too, and one that worked are three answers."""

    WORKED = "worked"
    FAILED = "failed"
    ABSENT = "absent"


class Vantage(StrEnum):
    """Where a fact was seen: by the probe, or by the control where the censor is not."""

    PROBE = "probe"
    CONTROL = "control"
