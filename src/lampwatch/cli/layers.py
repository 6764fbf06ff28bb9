"""What a measurement has seen so far, layer by layer: a row for each host, for a person to read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.table import Column, Table
from rich.text import Text

from lampwatch.cli.compared import asked_host, control_cell
from lampwatch.formats.names import endpoint, is_address, url_parts
from lampwatch.formats.printable import printable
from lampwatch.probe.record import Entry, Record
from lampwatch.publish.words import failure_in_words

COLUMNS: Final = ("DNS", "TCP", "TLS", "QUIC", "HTTP")
CONTROL: Final = "control"
_MOST_OF_A_DOMAIN: Final = 3
"""More hosts of one domain than this share a row."""
_NAMELESS: Final = "servers"
"""The row of addresses that no name led to."""
_WIDEST_NAME: Final = 32
_DNS_WORDS: Final = {
    "dns_nxdomain_error": "no such name",
    "dns_no_answer": "no address",
    "dns_temporary_failure": "no answer",
}
_TLS_WORDS: Final = {
    "connection_reset": "reset after ClientHello",
    "generic_timeout_error": "silence after ClientHello",
    "eof_error": "closed after ClientHello",
    "ssl_unknown_authority": "certificate of an unknown authority",
    "ssl_invalid_hostname": "certificate for another name",
    "ssl_invalid_certificate": "certificate that is not valid",
}

Outcomes = list[str | None]
"""The failures of like steps; None where one worked."""


class Layers:
    """Gathers outcomes by host and layer."""

    def __init__(self, record: Record) -> None:
        """Read what a record holds now."""
        self._names = _names(record.queries)
        asked = {entry["hostname"] for entry in record.queries}
        self._rows: dict[str, dict[str, Outcomes]] = {}
        for outcome, name in _lookups(record.queries):
            self._note(name, "DNS", outcome)
        # What carried a lookup is the resolver's affair, and says nothing of the site.
        lookups = record.lookups
        for entry in record.tcp_connect:
            if entry["transaction_id"] not in lookups:
                self._note(self._host(entry["ip"]), "TCP", entry["status"]["failure"])
        for column, entries in (("TLS", record.tls_handshakes), ("QUIC", record.quic_handshakes)):
            for entry in entries:
                if entry["transaction_id"] not in lookups:
                    host, shown = self._host(endpoint(entry["address"])[0]), entry["server_name"]
                    # A name that nobody looked up may be made up, as Tor's are: it says less than where it was shown.
                    name = shown if shown in asked or (shown and host != _NAMELESS) else host
                    self._note(name, column, entry["failure"])
        for entry in record.requests:
            if entry["transaction_id"] not in lookups:
                self._note(self._host(url_parts(entry["request"]["url"]).host), "HTTP", entry["failure"])
        # Where a control was asked of a host more than once, the last answer stands.
        self._controls = {self._host(asked_host(one)): control_cell(one) for one in record.comparisons}
        for name in self._controls:
            self._rows.setdefault(name, {})
        self._crowds = Counter(map(_domain, self._rows))

    def _host(self, host: str) -> str:
        """The name that led to an address; addresses that no name led to stand together."""
        return self._names.get(host) or (_NAMELESS if is_address(host) else host)

    def _note(self, name: str, column: str, outcome: str | None) -> None:
        self._rows.setdefault(name, {}).setdefault(column, []).append(outcome)

    def rows(self) -> dict[str, dict[str, Outcomes]]:
        """The outcomes by host and layer; many hosts of one domain stand together."""
        together: dict[str, dict[str, Outcomes]] = {}
        for name, cells in self._rows.items():
            row = together.setdefault(self._row_of(name), {})
            for column, outcomes in cells.items():
                row.setdefault(column, []).extend(outcomes)
        return together

    def controls(self) -> dict[str, str]:
        """What a control said, by the name of the row; empty where none was asked."""
        return {self._row_of(name): words for name, words in self._controls.items()}

    def _row_of(self, name: str) -> str:
        domain = _domain(name)
        return f"*.{domain}" if self._crowds[domain] > _MOST_OF_A_DOMAIN else name

    def table(self) -> Table:
        """The rows, for a terminal. A layer that was never tried has no column."""
        rows, controls = self.rows(), self.controls()
        used = [column for column in COLUMNS if any(column in cells for cells in rows.values())]
        table = Table(
            # Where the line is too short, reasons take another one, and names stay whole.
            Column(no_wrap=True, max_width=_WIDEST_NAME),
            *(Column() for _ in (*used, *([CONTROL] if controls else []))),
            box=None,
            padding=(0, 2, 0, 0),
            show_header=False,
        )
        for name, cells in rows.items():
            shown = [f"{column} {cell(column, cells.get(column, ()))}" for column in used]
            if controls:
                # A host that the control was not asked about, such as one that a redirect led to, has nothing there.
                shown.append(f"{CONTROL} {controls[name]}" if name in controls else "")
            table.add_row(Text(f"  {printable(name)}"), *(_coloured(text) for text in shown))
        return table


def cell(column: str, outcomes: Sequence[str | None]) -> str:
    """Like outcomes in a few words: a dash for none, a tick where most worked, else a cross; the commonest failure."""
    if not outcomes:
        return "\u2013"
    worked = sum(outcome is None for outcome in outcomes)
    failures = [outcome for outcome in outcomes if outcome is not None]
    if not failures:
        return "\u2713" if worked == 1 else f"\u2713 {worked} of {worked}"
    commonest = max(dict.fromkeys(failures), key=failures.count)
    words = _TLS_WORDS if column in {"TLS", "QUIC"} else _DNS_WORDS
    why = printable(words.get(commonest) or failure_in_words(commonest))
    if len(outcomes) == 1:
        return f"\u2717 {why}"
    mark = "\u2713" if worked > len(failures) else "\u2717"
    return f"{mark} {worked} of {len(outcomes)} ({why})"


def _coloured(text: str) -> Text:
    return Text(text, "red" if "\u2717" in text else "yellow" if "(" in text else "", overflow="fold")


def _names(queries: Iterable[Entry]) -> dict[str, str]:
    """The name by which each address was found."""
    return {
        address: entry["hostname"]
        for entry in queries
        for answer in entry["answers"] or ()
        if (address := answer.get("ipv4") or answer.get("ipv6"))
    }


def _lookups(queries: Iterable[Entry]) -> Iterable[tuple[str | None, str]]:
    """One outcome for each name and resolver: a name without IPv6 addresses is no failure."""
    asked: dict[tuple[Any, ...], Outcomes] = {}
    for entry in queries:
        key = (entry["hostname"], entry["engine"], entry.get("resolver_address"))
        asked.setdefault(key, []).append(entry["failure"])
    for (name, *_), outcomes in asked.items():
        yield (None if None in outcomes else outcomes[0]), name


def _domain(name: str) -> str:
    return ".".join(name.rsplit(".", 2)[-2:])
