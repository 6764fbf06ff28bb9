"""The contracts of .importlinter hold, bite, and cover what they cannot name."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT, named, parsed

# What these hold is worked out again from what is stored, so it must never depend on what a network says.
PURE = ("model", "formats", "observe", "judge", "detect", "wording")
NETWORK = ("socket", "ssl", "asyncio", "http", "urllib.request", "httpx", "obstore", "requests", "aiohttp")

LAYERS = "Rooms import only what lies below them"
METHODS = "Methods know nothing of each other"
STORE = "Only pipeline, a room's job, publish and cli touch the store"
NO_NETWORK = "What reads, judges, detects and words never reaches a network"
NO_ENGINE = "The probe carries no data engine"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package, free to be spoiled, with its contracts beside it."""
    shutil.copytree(PACKAGE, tmp_path / "lampwatch", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path / "lampwatch"


def broken_contracts(copy: Path) -> set[str]:
    """The contracts that a copy breaks, as `make check` would say."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as c; c()",
            "--no-cache",
            "--no-logo",
        ],
        cwd=copy.parent,
        env={**os.environ, "PYTHONPATH": str(copy.parent), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts:" in found.stdout, found.stdout + found.stderr
    broken = {line.removesuffix(" BROKEN") for line in found.stdout.splitlines() if line.endswith(" BROKEN")}
    assert (found.returncode != 0) == bool(broken)
    return broken


def write(copy: Path, module: str, source: str) -> None:
    """Add a module to a copy, with the packages above it where they are missing."""
    path = copy / module
    for folder in [path.parent, *path.parent.parents]:
        if folder == copy:
            break
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    path.write_text(source)


def test_an_untouched_copy_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == set()


@pytest.mark.parametrize(
    ("module", "source", "contract"),
    [
        ("model/spoiled.py", "import lampwatch.formats", LAYERS),
        ("formats/spoiled.py", "import lampwatch.store", LAYERS),
        ("store/spoiled.py", "import lampwatch.judge", LAYERS),
        ("judge/spoiled.py", "import lampwatch.observe", LAYERS),
        ("collect/spoiled.py", "import lampwatch.methods", LAYERS),
        ("publish/spoiled.py", "import lampwatch.cli", LAYERS),
        ("attic/__init__.py", "", LAYERS),
        ("observe/spoiled.py", "import lampwatch.store", STORE),
        ("judge/spoiled.py", "from lampwatch import store", STORE),
        ("methods/spoiled/rules.py", "import lampwatch.store", STORE),
        ("model/spoiled.py", "import socket", NO_NETWORK),
        ("formats/spoiled.py", "import http.client", NO_NETWORK),
        ("observe/spoiled.py", "def late():\n    import asyncio", NO_NETWORK),
        ("judge/spoiled.py", "from ssl import SSLContext", NO_NETWORK),
        ("detect/spoiled.py", "import httpx", NO_NETWORK),
        ("wording/spoiled.py", "import obstore", NO_NETWORK),
        ("probe/spoiled.py", "import duckdb", NO_ENGINE),
        ("probe/spoiled.py", "from pyarrow import parquet", NO_ENGINE),
    ],
)
def test_each_contract_bites(copy: Path, module: str, source: str, contract: str) -> None:
    write(copy, module, source + "\n")
    assert contract in broken_contracts(copy)


def test_methods_may_not_import_each_other(copy: Path) -> None:
    write(copy, "methods/first/rules.py", "import lampwatch.methods.second.rules\n")
    write(copy, "methods/second/rules.py", "SECOND = 2\n")
    assert broken_contracts(copy) == {METHODS}


@pytest.mark.parametrize(
    "module", ["pipeline/spoiled.py", "collect/job.py", "publish/spoiled.py", "cli/spoiled.py"]
)
def test_those_who_may_touch_the_store_do_so_freely(copy: Path, module: str) -> None:
    write(copy, module, "import lampwatch.store\n")
    assert broken_contracts(copy) == set()


def network_imports(tree: ast.Module) -> list[str]:
    """The modules imported anywhere in a file that reach a network, as the file names them."""
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            imported += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in imported if any(f"{name}.".startswith(f"{network}.") for network in NETWORK)]


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request",
        "from urllib.request import urlopen",
        "from urllib import request",
        "import http.client",
    ],
)
def test_an_import_that_reaches_a_network_is_seen(source: str) -> None:
    assert network_imports(ast.parse(source)) != []


@pytest.mark.parametrize(
    "source", ["from urllib.parse import urlsplit", "import httptools", "from . import http"]
)
def test_an_import_that_reaches_none_is_let_be(source: str) -> None:
    assert network_imports(ast.parse(source)) == []


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_import_no_network(room: str) -> None:
    found = {
        named(module): imports
        for module in sorted((PACKAGE / room).rglob("*.py"))
        if (imports := network_imports(parsed(module)))
    }
    assert found == {}
