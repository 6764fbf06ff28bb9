"""The closed list of network failures, and the older or foreign names that mean the same.

Source: OONI df-007 (probe-cli 7cb2241), and the aliases that OONI's control services and version 0.4 probes wrote.
"""

from enum import StrEnum
from typing import Final


class Failure(StrEnum):
    """Why a network step ended without a result."""

    DNS_NXDOMAIN = "dns_nxdomain_error"
    DNS_NO_ANSWER = "dns_no_answer"
    DNS_REFUSED = "dns_refused_error"
    DNS_SERVFAIL = "dns_servfail_error"
    DNS_MISBEHAVING = "dns_server_misbehaving"
    DNS_TEMPORARY = "dns_temporary_failure"
    DNS_NON_RECOVERABLE = "dns_non_recoverable_failure"
    DNS_BOGON = "dns_bogon_error"
    DNS_WRONG_QUERY_ID = "dns_reply_with_wrong_query_id"
    ANDROID_DNS_NO_DATA = "android_dns_cache_no_data"
    CONNECTION_ABORTED = "connection_aborted"
    CONNECTION_ALREADY_CLOSED = "connection_already_closed"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_RESET = "connection_reset"
    EOF = "eof_error"
    TIMEOUT = "generic_timeout_error"
    HOST_UNREACHABLE = "host_unreachable"
    NETWORK_DOWN = "network_down"
    NETWORK_RESET = "network_reset"
    NETWORK_UNREACHABLE = "network_unreachable"
    INTERRUPTED = "interrupted"
    TLS_FAILED_HANDSHAKE = "ssl_failed_handshake"
    TLS_INVALID_HOSTNAME = "ssl_invalid_hostname"
    TLS_UNKNOWN_AUTHORITY = "ssl_unknown_authority"
    TLS_INVALID_CERTIFICATE = "ssl_invalid_certificate"
    QUIC_INCOMPATIBLE_VERSION = "quic_incompatible_version"
    HTTP_INVALID_REDIRECT = "http_invalid_redirect_location_host"
    HTTP_REQUEST_FAILED = "http_request_failed"
    HTTP_UNEXPECTED_REDIRECT = "http_unexpected_redirect_url"
    HTTP_UNEXPECTED_STATUS = "http_unexpected_status_code"
    JSON_PARSE_ERROR = "json_parse_error"
    UNKNOWN = "unknown_failure"


class Operation(StrEnum):
    """What a probe was doing when a step failed, by OONI's names (df-007)."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS_HANDSHAKE = "tls_handshake"
    QUIC_HANDSHAKE = "quic_handshake"
    HTTP_ROUND_TRIP = "http_round_trip"
    READ = "read"
    WRITE = "write"
    TOP_LEVEL = "top_level"


ALIASES: Final[dict[str, Failure]] = {
    "dns_lookup_error": Failure.DNS_NXDOMAIN,
    "dns_name_error": Failure.DNS_NXDOMAIN,
    "no_such_host": Failure.DNS_NXDOMAIN,
    "dns_server_failure": Failure.DNS_SERVFAIL,
    "timeout_error": Failure.TIMEOUT,
    "tcp_timed_out_error": Failure.TIMEOUT,
    "deferred_timeout_error": Failure.TIMEOUT,
    "task_timed_out": Failure.TIMEOUT,
    "connection_refused_error": Failure.CONNECTION_REFUSED,
    "connect_error": Failure.HOST_UNREACHABLE,
    "host_unreachable_error": Failure.HOST_UNREACHABLE,
    "network_unreachable_error": Failure.NETWORK_UNREACHABLE,
    "response_never_received": Failure.EOF,
    "connection_lost_error": Failure.CONNECTION_RESET,
    "connection_reset_error": Failure.CONNECTION_RESET,
    "ssl_error": Failure.TLS_FAILED_HANDSHAKE,
    "ssl_handshake_error": Failure.TLS_FAILED_HANDSHAKE,
    "invalid_certificate": Failure.TLS_INVALID_CERTIFICATE,
}

_UNKNOWN: Final = Failure.UNKNOWN
_SUCCESSES: Final[dict[str | bool | None, Failure | None]] = {None: None, False: None, "": None}
_KNOWN: Final = _SUCCESSES | {str(failure): failure for failure in Failure} | ALIASES


def failure_of(written: str | bool | None) -> Failure | None:  # noqa: FBT001  a value of the format, not a switch
    """Name a failure, as a measurement writes it, by the closed list: what is not listed becomes UNKNOWN.

    None, false and an empty string, as older control services wrote it, are successes.
    """
    return _KNOWN.get(written, _UNKNOWN)
