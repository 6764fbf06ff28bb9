"""What the methods that compare share: a question to the control about a URL, and what is made of its answer."""

from collections.abc import Sequence
from typing import Any, Final

from lampwatch.formats.names import is_address, is_own
from lampwatch.model.failure import Failure, Operation
from lampwatch.probe.failed import Failed, failure_text
from lampwatch.probe.http import BROWSER
from lampwatch.probe.kit import Kit
from lampwatch.probe.record import Comparison

NO_CONTROL: Final = Failed(Failure.UNKNOWN, Operation.TOP_LEVEL, "no control was named")


def question_about(url: str, endpoints: Sequence[str], *, quic: bool = False) -> dict[str, Any]:
    """What a control is asked: a URL, asked for as a browser does, and the endpoints that the probe connects to."""
    return {
        "http_request": url,
        "http_request_headers": {name: [value] for name, value in BROWSER},
        "tcp_connect": list(endpoints),
        "x_quic_enabled": quic,
    }


async def control_says(kit: Kit, question: dict[str, Any]) -> dict[str, Any] | Failed:
    """The control's answer; a failure where none was named."""
    comparison = Comparison(question)
    kit.record.comparisons.append(comparison)
    answer = await kit.control.ask(question, timeout_s=kit.timeouts.control_s) if kit.control else NO_CONTROL
    comparison.answer = answer
    return answer


def only_told(answer: dict[str, Any] | Failed, known: Sequence[str], most: int) -> list[str]:
    """The addresses that nobody but the control was told, at most so many; none of them is our own."""
    dns = {} if isinstance(answer, Failed) else answer.get("dns")
    told = dns.get("addrs") if isinstance(dns, dict) else None
    given = [ip for ip in told if isinstance(ip, str)] if isinstance(told, list) else []
    return [ip for ip in given if is_address(ip) and not is_own(ip) and ip not in known][: max(0, most)]


def control_keys(question: dict[str, Any], answer: dict[str, Any] | Failed) -> dict[str, Any]:
    """Question and answer as test_keys have them."""
    return {
        "control": None if isinstance(answer, Failed) else answer,
        "control_failure": failure_text(answer),
        "x_control_request": question,
    }
