"""A witness, re-checked from its raw bytes: read and judged again, its certificates checked here and not by the probe.

What is found is told in sentences, for a person who decides what to print.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import certifi
import msgspec

from lampwatch.formats.archive import CorruptError
from lampwatch.formats.printable import printable
from lampwatch.judge.certificates import Authorities
from lampwatch.judge.version import RULES_VERSION
from lampwatch.model.errors import UserError
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Mechanism, State
from lampwatch.observe.certificates import shown
from lampwatch.pipeline.certificates import Certificate, Finding, contradictions, examined, interception
from lampwatch.pipeline.kernel import Kernel, RawLine
from lampwatch.store.protocol import Reading
from lampwatch.store.rows import VerdictRow

_MOST_CANDIDATES: Final = 16


class Recheck(msgspec.Struct, frozen=True):
    """Whether a measurement holds as a witness, and all that was found, in sentences made safe to show.

    target is the one that it is to be a witness of; empty where all of its verdicts were looked at.
    """

    uid: str
    target: str
    holds: bool
    findings: tuple[str, ...]
    certificates: tuple[Certificate, ...] = ()


def mozilla(more: Path | None = None) -> Authorities:
    """The authorities that Mozilla believes, as certifi ships them, and those of a PEM file beside them.

    Raises UserError where the file cannot be read, or holds no certificate.
    """
    bundled = Path(certifi.where()).read_bytes()
    if more is None:
        return Authorities(bundled)
    try:
        given = more.read_bytes()
        Authorities(given)
    except OSError as error:
        raise UserError(f"{more} cannot be read: {error.strerror}; name a PEM file of authorities") from error
    except ValueError as error:
        raise UserError(f"{more} holds {error}; name a PEM file of authorities") from error
    return Authorities(bundled + b"\n" + given)


def recheck(
    raw: bytes,
    uid: str,
    stored: Sequence[VerdictRow],
    kernel: Kernel,
    authorities: Authorities,
    *,
    target: str = "",
    beside: Sequence[bytes] = (),
) -> Recheck:
    """Read and judge a document again, and compare with what is stored of it: of one target, or of all. Pure.

    It holds where the bytes are those of uid, give the same verdicts, and the probe refused no certificate that proves
    sound; a verdict of interception only where a certificate proves that somebody else answered. beside are
    certificates (DER) of other measurements, which may complete a chain. Never raises on what the bytes hold.
    """

    def fails(finding: str) -> Recheck:
        return Recheck(uid, target, holds=False, findings=(printable(finding),))

    read = kernel.read(RawLine(raw, "", 0))
    if isinstance(read, SetAside):
        return fails(f"its bytes cannot be read: {read.detail}")
    if read.measurement.uid != uid:
        return fails(f"its bytes are another measurement's, {read.measurement.uid}")
    judged = kernel.verdicts(read)
    if isinstance(judged, str):
        return fails(f"it cannot be judged: {judged}")
    now = {verdict.target: verdict for verdict in judged}
    certificates = examined(shown(raw), authorities, read.measurement.start_time, beside)
    findings = [*_same(stored, now, target), *contradictions(certificates)]
    for verdict in judged:
        intercepted = verdict.mechanism is Mechanism.TLS_INTERCEPTION and target in {"", verdict.target}
        if intercepted and read.observations is not None:
            findings += interception(verdict, read.observations, certificates)
    return Recheck(
        uid,
        target,
        all(finding.stands for finding in findings),
        tuple(printable(finding.text) for finding in findings),
        tuple(certificates),
    )


def _same(stored: Sequence[VerdictRow], now: dict[str, Verdict], target: str) -> Iterator[Finding]:
    """Whether what is stored of a measurement is what its bytes say."""
    rows = [row for row in stored if target in {"", row.target}]
    if not rows:
        yield Finding(f"nothing is stored of {target or 'any target'} by this measurement", stands=False)
    for row in rows:
        again = now.get(row.target)
        if again is None:
            yield Finding(f"judged again, it says nothing of {row.target}", stands=False)
            continue
        was = row.state, row.layer, row.mechanism, row.rule_id
        # A StrEnum is its text, so that what is stored as text compares with what was judged.
        if was == (again.state, again.layer, again.mechanism, again.rule_id):
            yield Finding(f"its bytes say the same of {row.target}: {_told(*was)}")
            continue
        text = (
            f"judged again, {row.target} is {_told(again.state, again.layer, again.mechanism, again.rule_id)}"
        )
        older = (
            ""
            if row.rules_version == RULES_VERSION
            else f" by rules {row.rules_version}, now {RULES_VERSION}"
        )
        yield Finding(f"{text}; stored is {_told(*was)}{older}", stands=False)


def _told(state: str, layer: str | None, mechanism: str | None, rule_id: str) -> str:
    how = " · ".join(part for part in (layer, mechanism) if part)
    return f"{state}{f' ({how})' if how else ''} by {rule_id}"


def rechecked(
    store: Reading,
    kernel: Kernel,
    authorities: Authorities,
    uid: str,
    *,
    target: str = "",
    beside: Sequence[bytes] = (),
) -> Recheck:
    """Re-check a measurement of the store, with its bytes from the archive. Without them it does not hold."""
    raw = _raw(store, uid)
    if raw is None:
        return Recheck(uid, target, holds=False, findings=("its bytes cannot be had from this archive",))
    return recheck(raw, uid, store.verdicts_of(uid), kernel, authorities, target=target, beside=beside)


def witness(
    store: Reading, kernel: Kernel, authorities: Authorities, candidates: Sequence[str], *, target: str
) -> Recheck | None:
    """The first of the measurements named that found a target blocked and holds; where none does, the first as it is.

    At most 16 are looked at, and the certificates of all of them complete each other's chains. None where nobody names
    any.
    """
    candidates = list(dict.fromkeys(candidates))[:_MOST_CANDIDATES]
    raws = [raw for uid in candidates if (raw := _raw(store, uid)) is not None]
    beside = list(dict.fromkeys(der for raw in raws for one in shown(raw) for der in one.chain[1:]))
    first: Recheck | None = None
    for uid in candidates:
        found = rechecked(store, kernel, authorities, uid, target=target, beside=beside)
        if found.holds and _found_blocked(store, uid, target):
            return found
        first = first or found
    return first


def _found_blocked(store: Reading, uid: str, target: str) -> bool:
    return any(row.target == target and row.state == State.BLOCKED for row in store.verdicts_of(uid))


def _raw(store: Reading, uid: str) -> bytes | None:
    try:
        return store.raw(uid)
    except CorruptError:
        return None
