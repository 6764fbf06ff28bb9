"""The kernel: raw lines -> rows ready to store. A pure function of the lines, the rules and the reference snapshots.

It runs alike in the main process, in a pool of workers, and under another engine's `mapInArrow`.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec
import pyarrow as pa

from lampwatch.formats.archive import pack
from lampwatch.formats.tables import Rows
from lampwatch.judge.references import References
from lampwatch.judge.version import RULES_VERSION
from lampwatch.model.measurement import Reason, SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.observe.read import Read, Reader, set_aside
from lampwatch.pipeline.methods import Method


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from searching a batch again and again: it makes many objects and no cycle."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class RawLine(msgspec.Struct, frozen=True, gc=False):
    """One document on one line, and where it stood."""

    raw: bytes
    source: str
    position: int


class Worked(msgspec.Struct, frozen=True):
    """What a batch of lines became: the archive's bytes for it, empty where it held no line, and a batch per table."""

    archive: bytes
    tables: Mapping[str, pa.RecordBatch]


class Kernel:
    """Reads and judges batches with the methods and references it was made with. Holds nothing between batches."""

    def __init__(self, methods: Mapping[str, Method], references: References) -> None:
        self._reader = Reader({name: method.extractor for name, method in methods.items()})
        self._assessors = {name: method.assessor for name, method in methods.items()}
        self._references = references

    def work(self, lines: Sequence[RawLine], asides: Sequence[SetAside] = ()) -> Worked:
        """Turn lines into rows and into the archive's bytes; asides are what could not even be read as lines."""
        archive = b""
        if lines:
            sources, positions = [line.source for line in lines], [line.position for line in lines]
            archive = pack([line.raw for line in lines], sources, positions)
        return Worked(archive, self.rows(lines, asides))

    def rows(self, lines: Sequence[RawLine], asides: Sequence[SetAside] = ()) -> Mapping[str, pa.RecordBatch]:
        """Turn lines into one Arrow record batch a table. Never raises on what the lines hold."""
        # The batch's objects must be gone when collection begins again, or it would search them all once more.
        with _no_collection():
            return self._rows(lines, asides)

    def _rows(self, lines: Sequence[RawLine], asides: Sequence[SetAside]) -> Mapping[str, pa.RecordBatch]:
        references = self._references
        rows = Rows(
            rules_version=RULES_VERSION,
            networks_version=references.networks_version,
            fingerprints_version=references.fingerprints_version,
        )
        # One step for all lines, then the next: each step's code stays in the processor's cache.
        reads = [self._reader.read(line.raw, line.source, line.position) for line in lines]
        judged = [() if isinstance(read, SetAside) else self.verdicts(read) for read in reads]
        self._gather(rows, lines, reads, judged)
        for aside in asides:
            rows.set_aside(aside)
        return rows.tables()

    def _gather(
        self,
        rows: Rows,
        lines: Sequence[RawLine],
        reads: Sequence[Read | SetAside],
        judged: Sequence[Sequence[Verdict] | str],
    ) -> None:
        for n, (line, read, verdicts) in enumerate(zip(lines, reads, judged, strict=True)):
            if isinstance(read, SetAside):
                rows.set_aside(read, n=n)
            elif isinstance(verdicts, str):
                failed = set_aside(line.raw, line.source, line.position, Reason.INTERNAL_ERROR, verdicts)
                rows.set_aside(failed, n=n)
            else:
                name = self._network_name(read)
                rows.add(read.measurement, read.observations, verdicts, network_name=name, n=n)

    def read(self, line: RawLine) -> Read | SetAside:
        """One document's header and observations, or why it is set aside."""
        return self._reader.read(line.raw, line.source, line.position)

    def verdicts(self, read: Read) -> Sequence[Verdict] | str:
        """The verdicts on one measurement; what went wrong, where judging itself failed, which is a bug of ours."""
        if read.observations is None:
            return ()
        assessor = self._assessors[read.measurement.method]
        try:
            return assessor.assess(read.measurement, read.observations, self._references)
        except Exception as error:  # noqa: BLE001  a bug of ours must not stop a run: it is kept, counted and shown
            return f"judging: {type(error).__name__}: {error}"

    def _network_name(self, read: Read) -> str:
        networks = self._references.networks
        if networks is None:
            return read.measurement.network_name
        asn = read.measurement.probe_asn
        known = networks.name_of(asn)
        # Where the reference data has no name it may repeat the number.
        return read.measurement.network_name if known in {"", f"AS{asn}"} else known
