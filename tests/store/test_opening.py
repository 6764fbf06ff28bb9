import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lampwatch.model.errors import UserError
from lampwatch.store.duckdb import open_store
from lampwatch.store.duckdb.migrations import MIGRATIONS, migrate
from tests.store.samples import PLACE, archive_at, simple, store_at

HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def test_a_file_that_another_process_has_is_named(tmp_path: Path) -> None:
    file = tmp_path / "lampwatch.duckdb"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(
            UserError, match=r"lampwatch\.duckdb is in use by another Lampwatch; stop that one"
        ):
            store_at(tmp_path)
        other.communicate()


def test_a_file_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "lampwatch.duckdb").write_bytes(b"no database at all" * 1000)
    with pytest.raises(UserError, match=r"lampwatch\.duckdb cannot be opened as a store: .*reprocess"):
        store_at(tmp_path)


def test_a_file_of_a_newer_lampwatch_is_refused(tmp_path: Path) -> None:
    file, archive = tmp_path / "lampwatch.duckdb", archive_at(tmp_path)
    with open_store(file, archive, migrations=[*MIGRATIONS, "CREATE TABLE later (a BIGINT)"]) as store:
        assert store.schema_version == len(MIGRATIONS) + 1
    with pytest.raises(UserError, match="written by a newer Lampwatch"):
        open_store(file, archive)
    open_store(file, archive, migrations=[*MIGRATIONS, ""]).close()


def test_a_file_of_version_1_is_brought_up_to_date_with_its_roll_ups_filled(tmp_path: Path) -> None:
    file = tmp_path / "lampwatch.duckdb"
    with duckdb.connect(str(file)) as old:
        assert migrate(old, str(file), MIGRATIONS[:1]) == 1
        old.register("given", simple(0, 3)["verdict"])
        old.execute("INSERT INTO verdict SELECT * EXCLUDE (voter, software) FROM given")
    with store_at(tmp_path) as store:
        assert store.schema_version == len(MIGRATIONS)
        assert [(row.target, row.ok) for row in store.targets()] == [(f"site{n}.test", 1) for n in range(3)]
        assert [row.network_name for row in store.country_networks("KZ")] == ["Network 9198"]


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file, archive = tmp_path / "lampwatch.duckdb", archive_at(tmp_path)
    with open_store(file, archive) as store:
        store.commit(simple(0, 1), PLACE)
    with pytest.raises(duckdb.Error):
        open_store(file, archive, migrations=[*MIGRATIONS, "DROP TABLE verdict; SELECT no_such_column"])
    with open_store(file, archive) as store:
        assert store.count_verdicts() == 1


def test_files_are_written_for_older_duckdb_too(tmp_path: Path) -> None:
    store_at(tmp_path).close()
    with duckdb.connect(str(tmp_path / "lampwatch.duckdb")) as opened:
        row = opened.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'lampwatch'"
        ).fetchone()
    assert row == ({"storage_version": "v1.4.0+"},)


def test_a_process_that_has_used_the_store_ends_in_silence(tmp_path: Path) -> None:
    script = "import sys, pathlib, tests.store.samples as s; s.store_at(pathlib.Path(sys.argv[1])).totals()"
    root = Path(__file__).parents[2]
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True, cwd=root
    )
    assert ran.stderr == ""
