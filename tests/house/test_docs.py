"""The pages say what is there, and nothing that is not."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT, anchors, folders, modules, named, pages

FENCED = re.compile(r"^```.*?^```", flags=re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)>\s]+)>?(?:\s+\"[^\"]*\")?\)")
PICTURE = re.compile(r"!\[[^\]]*\]\(<?([^)>\s]+)>?")
FOLDER_OR_MODULE = re.compile(r"(?<![\w./:\-{}*])((?:[a-z_][\w.\-]*/)+(?:\w+\.\w+)?|\w+\.py)(?![\w/{}*])")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def broken_links(page: Path) -> list[str]:
    """The relative links of a page that lead nowhere, whether to a file or to a heading in one."""
    broken = []
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z][a-z0-9+.\-]*:", link):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (heading and target.suffix == ".md" and heading not in anchors(target)):
            broken.append(link)
    return broken


def paths_named(page: str) -> set[str]:
    """The folders (`observe/`, `methods/signal/`) and modules (`observe/read.py`) that a page names as code."""
    code = (
        "\n".join(FENCED.findall(page)) + "\n" + "\n".join(re.findall(r"`([^`\n]+)`", FENCED.sub("", page)))
    )
    return set(FOLDER_OR_MODULE.findall(code))


def is_there(name: str) -> bool:
    """Whether a path stands in the repository, in full or by its last parts."""
    if (ROOT / name).exists():
        return True
    suffix = "/" + name.rstrip("/")
    known = [
        *modules(),
        *folders(),
        *(path for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts),
    ]
    return any(path.as_posix().endswith(suffix) for path in known)


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_a_link_to_nothing_is_broken(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One two\n[a](#one-two) [b](#three) [c](gone.md) [d](https://example.org) ![e](page.md)\n"
    )
    assert broken_links(page) == ["#three", "gone.md"]


def test_the_architecture_names_every_package() -> None:
    architecture = text("docs/ARCHITECTURE.md")
    unnamed = [
        named(folder)
        for folder in folders()
        if not re.search(rf"(?<![\w\-]){re.escape(folder.name)}/", architecture)
    ]
    assert unnamed == []


def test_the_architecture_names_nothing_that_is_not_there() -> None:
    assert sorted(name for name in paths_named(text("docs/ARCHITECTURE.md")) if not is_there(name)) == []


def test_paths_are_read_from_code_only() -> None:
    page = (
        "and/or `observe/` `GET /api/v1/` `methods/NAME/`\n```\n  judge/  rule.py, data://x/ and/more/\n```\n"
    )
    assert paths_named(page) == {"observe/", "judge/", "rule.py", "and/more/"}


def test_every_guide_is_in_the_index() -> None:
    index = text("docs/README.md")
    guides = [page for page in pages() if page.is_relative_to(ROOT / "docs") and page.name != "README.md"]
    assert [
        named(guide) for guide in guides if guide.relative_to(ROOT / "docs").as_posix() not in index
    ] == []


def test_design_notes_are_numbered_once_each() -> None:
    notes = sorted((ROOT / "docs" / "design").glob("*.md"))
    numbers = [
        match[1] if (match := re.match(r"dd-(\d{3})-[a-z0-9-]+\.md$", note.name)) else "" for note in notes
    ]
    assert "" not in numbers, f"not named dd-NNN-words.md: {[note.name for note in notes]}"
    assert len(set(numbers)) == len(numbers), f"a number stands twice: {[note.name for note in notes]}"


def test_the_changelog_tells_of_what_is_coming_or_of_this_version() -> None:
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    headings = re.findall(r"^## \[([^\]]+)\]", text("CHANGELOG.md"), flags=re.MULTILINE)
    assert {"Unreleased", version} & set(headings)


def test_the_readme_starts_with_what_it_is() -> None:
    blocks = [block.strip() for block in text("README.md").split("\n\n")]
    first = next(block for block in blocks if block and not re.match(r"[#!<\[]", block))
    assert "Lampwatch" in first
    assert "monitor" in first


def test_the_readme_shows_what_it_looks_like() -> None:
    pictures = [picture for picture in PICTURE.findall(text("README.md")) if "://" not in picture]
    assert pictures
    assert [picture for picture in pictures if not (ROOT / picture).is_file()] == []


@pytest.mark.parametrize("command", ["make run", "make test"])
def test_the_readme_names_the_commands_one_starts_with(command: str) -> None:
    assert command in text("README.md")
