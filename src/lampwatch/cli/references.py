"""The reference data that a run rests on, from where it is kept."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.judge.fingerprints import KnownPages
from lampwatch.judge.references import References
from lampwatch.store.references.fingerprints import load_fingerprints
from lampwatch.store.references.snapshot import open_networks


class Loaded(msgspec.Struct, frozen=True):
    """References ready for judging, and the rows of fingerprint lists that are left out, to be told to the user."""

    references: References
    malformed: tuple[MalformedRow, ...] = ()


def load_references(directory: Path, fingerprint_paths: Sequence[Path] = ()) -> Loaded:
    """Open the address data in force in a data directory, and fingerprint lists or folders of them.

    Either may be absent: without address data networks is None, without paths fingerprints is. The references can be
    pickled, so that worker processes open their own. Raises UserError where what was named cannot be read.
    """
    networks = open_networks(directory)
    if not fingerprint_paths:
        return Loaded(References(networks=networks))
    snapshot = load_fingerprints(fingerprint_paths)
    pages = KnownPages(snapshot.fingerprints, snapshot.version)
    too_large = tuple(
        MalformedRow(snapshot.version, 0, f"{f.name} needs more memory than one pattern may use")
        for f in pages.unusable
    )
    return Loaded(References(networks=networks, fingerprints=pages), snapshot.malformed + too_large)
