"""Whoever silences a tool says why, beside it."""

import re

import pytest

from tests.house.tree import ROOT, comments, modules, named

SILENCED = re.compile(r"#\s*(?:type:\s*ignore|noqa|fmt:\s*off|pragma:\s*no cover)\b")
CODES = re.compile(r"#\s*(?:type:\s*ignore\[[\w\-, ]+\]|noqa:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)")
WORD = re.compile(r"[A-Za-z]{2,}")


def is_explained(comment: str) -> bool:
    """Whether what a comment silences is named by its code, and two words or more say why."""
    named_codes, silenced = CODES.findall(comment), SILENCED.findall(comment)
    return len(named_codes) == len(silenced) and len(WORD.findall(CODES.sub("", comment))) >= 2


@pytest.mark.parametrize(
    "comment",
    [
        "# type: ignore[misc]  # the library's decorator is untyped",
        "# noqa: N802  (a module constant, seen as a property)",
        "# noqa: BLE001, S110 (a hook of a stranger must not end the job)",
    ],
)
def test_a_code_with_a_reason_is_explained(comment: str) -> None:
    assert is_explained(comment)


@pytest.mark.parametrize(
    "comment", ["# noqa", "# noqa: N802", "# type: ignore[misc]", "# type: ignore  # it is untyped"]
)
def test_a_bare_silencer_is_not_explained(comment: str) -> None:
    assert not is_explained(comment)


def test_everything_silenced_in_src_is_explained() -> None:
    bare = [
        f"{named(path)}:{line} {comment}"
        for path in modules()
        for line, comment in comments(path)
        if SILENCED.search(comment) and not is_explained(comment)
    ]
    assert bare == []


def test_every_rule_the_linter_ignores_has_its_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.findall(
        r'^  "([A-Z]+[0-9]*)",(.*)$', text.partition("[tool.ruff.lint]")[2], flags=re.MULTILINE
    )
    assert listed
    assert [code for code, reason in listed if not re.match(r"\s*# \S+ \S+", reason)] == []
