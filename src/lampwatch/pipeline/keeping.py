"""Keeps groups of submitted documents: tells new ones from known ones, archives them, and takes their rows in.

The two steps are apart, so that senders can be told in between: what is archived is durable, and its rows follow, if
need be from the archive. Source of a document's identity: its bytes alone, so nobody can take another's place.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

import msgspec
import pyarrow as pa
from blake3 import blake3

from lampwatch.collect.reception.receiver import Receipt, Status
from lampwatch.model.measurement import EXPLANATIONS, SUBMITTED, Reason
from lampwatch.pipeline.kernel import Kernel, RawLine, Worked
from lampwatch.pipeline.reprocess import lines_of
from lampwatch.store.archive import Archive
from lampwatch.store.protocol import Store
from lampwatch.store.segment import Locator

REMEMBERED: Final = 100_000
"""So many receipts are kept in memory, for senders who never heard theirs; the store is asked for older ones."""


class Found(msgspec.Struct, frozen=True):
    """What a document is: a measurement by its uid, or a document set aside by its id, and why."""

    uid: str = ""
    set_aside: str = ""
    reason: str = ""


class Archived(msgspec.Struct, frozen=True):
    """A group that is durable: receipts for each request's documents, and the rows that are still to be committed."""

    receipts: Sequence[Sequence[Receipt]]
    tables: Mapping[str, pa.RecordBatch]
    locator: Locator | None


class Keeper:
    """Archives and commits one group after another. Belongs to one thread.

    report hears in one line when the store begins to fail. What it misses meanwhile is kept in `behind`.
    """

    def __init__(
        self, *, store: Store, archive: Archive, kernel: Kernel, report: Callable[[str], None]
    ) -> None:
        self._store, self._archive, self._kernel, self._report = store, archive, kernel, report
        self._recent: OrderedDict[bytes, Found] = OrderedDict()
        self._is_failing = False
        self.behind: list[Locator] = []

    def archived(self, requests: Sequence[Sequence[bytes]]) -> Archived:
        """Make the documents of some requests durable, each once. Raises UserError and OSError where that fails.

        After an exception nothing of the group counts, and all of it may come again.
        """
        digests = [[blake3(document).digest() for document in request] for request in requests]
        lines: dict[bytes, RawLine] = {}
        for names, request in zip(digests, requests, strict=True):
            for digest, document in zip(names, request, strict=True):
                if digest not in self._recent:
                    # A document is a source of its own: its name must be the same whenever it comes again.
                    lines[digest] = RawLine(document, f"{SUBMITTED}{digest[:8].hex()}", 1)
        found, new, worked = self._told_apart(lines)
        locator = self._archive.append(worked.archive) if worked is not None else None
        receipts = [[self._receipt(found, new, digest) for digest in names] for names in digests]
        self._remember(found)
        return Archived(receipts, worked.tables if worked is not None else {}, locator)

    def commit(self, group: Archived) -> None:
        """Take a group's rows in; where the store fails, note that it is behind."""
        if group.locator is None:
            return
        try:
            self._store.commit(group.tables, group.locator)
        except Exception as error:  # noqa: BLE001  whatever ails the store, what arrives is safe in the archive
            self._fail(error)
            self.behind.append(group.locator)
        else:
            self._is_failing = False

    def catch_up(self) -> None:
        """Try once more to take in what the store has missed, from the archive, until it fails again."""
        for locator in list(self.behind):
            self.behind.remove(locator)
            try:
                batch = self._archive.batch(locator)
                self._store.commit(self._kernel.work(lines_of(batch)).tables, locator, replace=True)
            except Exception as error:  # noqa: BLE001  as in commit
                # To the end, so that a frame that always fails keeps no other out.
                self.behind.append(locator)
                self._fail(error)
                return
            self._is_failing = False

    def _fail(self, error: Exception) -> None:
        """Say what ails the store, once until it takes something in again."""
        if not self._is_failing:
            why = str(error).partition("\n")[0]
            self._report(f"the store fails, and what arrives is kept in the archive until it is well: {why}")
        self._is_failing = True

    def _told_apart(
        self, lines: Mapping[bytes, RawLine]
    ) -> tuple[dict[bytes, Found], set[bytes], Worked | None]:
        """What each line is, which of them the store lacks, and the frame and rows of those."""
        if not lines:
            return {}, set(), None
        worked = self._kernel.work(list(lines.values()))
        found = dict(zip(lines, _found(worked.tables, len(lines)), strict=True))
        known = self._known(found.values())
        new = {digest for digest, each in found.items() if (each.uid or each.set_aside) not in known}
        if len(new) == len(lines):
            return found, new, worked
        # The frame holds only what is new, and each row says which line of it is its own: both are made again.
        left = [line for digest, line in lines.items() if digest in new]
        return found, new, self._kernel.work(left) if left else None

    def _known(self, found: Collection[Found]) -> set[str]:
        uids = [each.uid for each in found if each.uid]
        set_aside = [each.set_aside for each in found if each.set_aside]
        try:
            return self._store.known(uids, set_aside)
        except Exception as error:  # noqa: BLE001  as in commit: twice in the archive is once in the store
            self._fail(error)
            return set()

    def _receipt(self, found: Mapping[bytes, Found], new: set[bytes], digest: bytes) -> Receipt:
        """The receipt for one arrival of a document: of several in a group, the first is the one that is stored."""
        each = found[digest] if digest in found else self._recent[digest]
        status = Status.STORED if digest in new else Status.ALREADY
        new.discard(digest)
        return Receipt(status, each.uid, each.reason)

    def _remember(self, found: Mapping[bytes, Found]) -> None:
        self._recent.update(found)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)


def _found(tables: Mapping[str, pa.RecordBatch], lines: int) -> list[Found]:
    """What each line of a batch became, by the rows that name their line."""
    found = [Found()] * lines
    for row in tables["measurement"].select(["n", "uid"]).to_pylist():
        found[row["n"]] = Found(uid=row["uid"])
    for row in tables["quarantine"].select(["n", "id", "reason", "detail"]).to_pylist():
        reason, detail = row["reason"], row["detail"]
        found[row["n"]] = Found(
            set_aside=row["id"], reason=f"set aside, {reason}: {EXPLANATIONS[Reason(reason)]} ({detail})"
        )
    return found
