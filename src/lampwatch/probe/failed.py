"""A step that did not work, as a value; and the one place that names errors of the system by the closed list."""

import errno
import socket
import ssl
from typing import Final

import msgspec

from lampwatch.formats.scrub import scrubbed
from lampwatch.model.failure import Failure, Operation

_LONGEST_DETAIL: Final = 200

_BY_ERRNO: Final = {
    errno.ECONNABORTED: Failure.CONNECTION_ABORTED,
    errno.ECONNREFUSED: Failure.CONNECTION_REFUSED,
    errno.ECONNRESET: Failure.CONNECTION_RESET,
    errno.EPIPE: Failure.CONNECTION_RESET,
    errno.ETIMEDOUT: Failure.TIMEOUT,
    errno.EHOSTUNREACH: Failure.HOST_UNREACHABLE,
    errno.ENETDOWN: Failure.NETWORK_DOWN,
    errno.ENETRESET: Failure.NETWORK_RESET,
    errno.ENETUNREACH: Failure.NETWORK_UNREACHABLE,
    # No address of this family to send from, or a route that forbids it: there is no way to that network.
    errno.EADDRNOTAVAIL: Failure.NETWORK_UNREACHABLE,
    errno.EAFNOSUPPORT: Failure.NETWORK_UNREACHABLE,
    errno.EACCES: Failure.NETWORK_UNREACHABLE,
    errno.EPERM: Failure.NETWORK_UNREACHABLE,
}

_BY_LOOKUP_ERROR: Final = {
    socket.EAI_NONAME: Failure.DNS_NXDOMAIN,
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): Failure.DNS_NO_ANSWER,
    getattr(socket, "EAI_ADDRFAMILY", socket.EAI_NONAME): Failure.DNS_NO_ANSWER,
    socket.EAI_AGAIN: Failure.DNS_TEMPORARY,
    socket.EAI_FAIL: Failure.DNS_NON_RECOVERABLE,
}
_BY_LOOKUP_ERROR[socket.EAI_NONAME] = Failure.DNS_NXDOMAIN


class Failed(msgspec.Struct, frozen=True):
    """What failed, and in which operation. detail is the system's text, without addresses; it may be empty."""

    failure: Failure
    operation: Operation
    detail: str = ""

    @property
    def text(self) -> str:
        """The failure as the OONI data format spells it."""
        if self.failure is Failure.UNKNOWN:
            return f"{Failure.UNKNOWN}: {self.detail or 'no more is known'}"
        return str(self.failure)

    def during(self, operation: Operation) -> "Failed":
        """The same failure, told of the larger operation that it ended."""
        return Failed(self.failure, operation, self.detail)


def failure_text(outcome: object) -> str | None:
    """How an outcome's failure is written: null for a value."""
    return outcome.text if isinstance(outcome, Failed) else None


def failed_by(error: OSError, operation: Operation) -> Failed:
    """Name an error of the operating system, of getaddrinfo or of the TLS library."""
    if isinstance(error, TimeoutError):
        return Failed(Failure.TIMEOUT, operation)
    if isinstance(error, socket.gaierror):
        failure = _BY_LOOKUP_ERROR.get(error.errno or 0, Failure.UNKNOWN)
    elif isinstance(error, ssl.SSLError):
        failure = Failure.TLS_FAILED_HANDSHAKE
    else:
        failure = _BY_ERRNO.get(error.errno or 0, Failure.UNKNOWN)
    return unknown(str(error.strerror or error), operation, failure)


def unknown(detail: str, operation: Operation, failure: Failure = Failure.UNKNOWN) -> Failed:
    """A failure with the text that came with it, cut short and without addresses."""
    return Failed(failure, operation, scrubbed(" ".join(detail.split()), _LONGEST_DETAIL))
