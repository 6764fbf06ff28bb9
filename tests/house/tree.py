"""What the house is made of: its modules, its rooms and its pages, found on disk."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "lampwatch"
NOT_OURS = {
    ".git",
    ".venv",
    ".uv",
    "node_modules",
    ".pytest_cache",
    ".ruff_cache",
    ".mypy_cache",
    ".hypothesis",
}


def modules() -> list[Path]:
    """Every Python file of the package, in order."""
    return sorted(PACKAGE.rglob("*.py"))


def folders() -> list[Path]:
    """Every package folder below lampwatch, in order."""
    return sorted(path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE)


def rooms() -> list[Path]:
    """The packages right below lampwatch that hold code, in order."""
    return [
        folder
        for folder in folders()
        if folder.parent == PACKAGE and any(has_code(module) for module in folder.rglob("*.py"))
    ]


def has_code(module: Path) -> bool:
    """Whether a module says more than its docstring."""
    return any(not _is_text(statement) for statement in parsed(module).body)


def parsed(module: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(module.read_text(encoding="utf-8"), filename=str(module))


def comments(module: Path) -> Iterator[tuple[int, str]]:
    """Each comment of a file with its line, from 1."""
    for token in tokenize.generate_tokens(io.StringIO(module.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def pages() -> list[Path]:
    """Every Markdown file of the repository, in order."""
    return sorted(page for page in ROOT.rglob("*.md") if not NOT_OURS & set(page.relative_to(ROOT).parts))


def anchors(page: Path) -> set[str]:
    """The names that a page's headings can be linked by."""
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(path: Path) -> str:
    """A path as a reader of a failure knows it: from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
