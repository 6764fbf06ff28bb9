"""The spool's file: opened by one process at a time, checked, and set aside where it is damaged.

SQLite in WAL mode with synchronous=FULL: what a commit returned from is there after a kill or a power cut.
"""

import contextlib
import datetime as dt
import fcntl
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO

from lampwatch.model.errors import UserError

FILE: Final = "spool.sqlite"
VERSION: Final = 1
_PARTS: Final = ("", "-wal", "-shm")
_SCHEMA: Final = """
CREATE TABLE document (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    about TEXT NOT NULL,
    time_s REAL NOT NULL,
    worth INTEGER NOT NULL,
    size INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    tells_dropped INTEGER NOT NULL DEFAULT 0,
    report_id TEXT NOT NULL DEFAULT '',
    content BLOB NOT NULL
);
CREATE INDEX document_sending ON document (tries, worth DESC, number);
CREATE INDEX document_dropping ON document (worth, size);
CREATE TABLE refused (number INTEGER PRIMARY KEY, key TEXT, time_s REAL, reason TEXT, size INTEGER, content BLOB);
CREATE TABLE measured (about TEXT PRIMARY KEY, time_s REAL NOT NULL, outcome TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE spent (day TEXT PRIMARY KEY, measurements INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE note (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


def locked(directory: Path) -> TextIO:
    """Hold a probe's directory, made where there is none; closing the file lets it go.

    Raises UserError where another probe holds it, or it cannot be made.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (directory / ".lock").open("w")
    except OSError as error:
        raise UserError(
            f"{directory} cannot be written: {error.strerror}; name another with --data"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise UserError(f"another `lampwatch probe` is at work in {directory}; stop it first") from None
    return lock


def opened(directory: Path, now: dt.datetime, tell: Callable[[str], None]) -> sqlite3.Connection:
    """The spool's file, made where there is none. A damaged one is renamed and told of in one line.

    Raises UserError where it is of a newer Lampwatch, or cannot be opened for another reason than damage.
    """
    path = directory / FILE
    try:
        return _connected(path)
    except sqlite3.OperationalError as error:
        raise UserError(f"the spool {path} cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        aside = _set_aside(path, now)
        tell(f"the spool was damaged ({error}) and is now {aside}; measuring goes on with an empty one")
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise sqlite3.DatabaseError(" ".join(str(found).split()))  # noqa: TRY301  closed below, as all of them
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            message = f"the spool {path} is of a newer Lampwatch; update this one"
            raise UserError(message)  # noqa: TRY301  closed below, as all of them
        if version == 0:
            # One transaction: a kill in its middle leaves a file without tables, which is then made anew.
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
        connection.execute("SELECT count(*) FROM note, spent").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _set_aside(path: Path, now: dt.datetime) -> Path:
    stem = path.with_name(f"damaged-{now:%Y%m%dT%H%M%S}.sqlite")
    for part in _PARTS:
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{part}").replace(f"{stem}{part}")
    return stem


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run statements together: all of them are on the disk when it ends, or none. Raises UserError on a full disk."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if connection.in_transaction:
            connection.rollback()
        raise UserError(f"the spool cannot be written: {error}; make room on its disk") from error
