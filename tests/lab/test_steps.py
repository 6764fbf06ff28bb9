"""Finished steps outlast whoever made them, and are never mixed with those of other work."""

from pathlib import Path

import pytest

from lampwatch.lab.steps import Steps, write_durably
from lampwatch.model.errors import UserError

DOCUMENTS = (b'{"a":1}', b'{"a":2}')


def steps_in(tmp_path: Path, work: str = "all of it") -> Steps:
    return Steps(tmp_path / "out.steps", work)


def test_what_was_kept_is_there_for_the_next_program(tmp_path: Path) -> None:
    with steps_in(tmp_path) as steps:
        assert steps.kept("first", 2) is None
        steps.keep("first", DOCUMENTS)
        assert (steps.documents, steps.documents_before) == (2, 0)
    with steps_in(tmp_path) as again:
        assert again.kept("first", 2) == DOCUMENTS
        assert again.kept("second", 2) is None
        assert (again.documents, again.documents_before) == (2, 2)


@pytest.mark.parametrize("damage", [lambda packed: packed[:-5], lambda _: b"", lambda _: b"no zstd"])
def test_a_damaged_step_is_made_again(tmp_path: Path, damage: object) -> None:
    with steps_in(tmp_path) as steps:
        steps.keep("first", DOCUMENTS)
        (file,) = steps.folder.glob("first*")
        assert callable(damage)
        file.write_bytes(damage(file.read_bytes()))
        assert steps.kept("first", 2) is None


def test_a_step_with_another_number_of_documents_is_made_again(tmp_path: Path) -> None:
    with steps_in(tmp_path) as steps:
        steps.keep("first", DOCUMENTS)
        assert steps.kept("first", 3) is None


def test_a_step_that_was_being_written_when_its_program_was_killed_is_none(tmp_path: Path) -> None:
    with steps_in(tmp_path) as steps:
        steps.keep("first", DOCUMENTS)
        (file,) = steps.folder.glob("first*")
        file.rename(f"{file}.part")
        assert steps.kept("first", 2) is None
        steps.keep("first", DOCUMENTS)
        assert steps.kept("first", 2) == DOCUMENTS


def test_steps_of_other_work_are_told_and_left_alone(tmp_path: Path) -> None:
    with steps_in(tmp_path) as steps:
        steps.keep("first", DOCUMENTS)
    with pytest.raises(UserError, match="holds steps of another recording"):
        steps_in(tmp_path, "hours 2 to 4")
    with steps_in(tmp_path) as again:
        assert again.kept("first", 2) == DOCUMENTS


def test_a_folder_without_steps_may_be_used_for_anything(tmp_path: Path) -> None:
    folder = tmp_path / "out.steps"
    folder.mkdir()
    (folder / "of").write_text("other work\n")
    with steps_in(tmp_path) as steps:
        steps.keep("first", DOCUMENTS)
    with steps_in(tmp_path) as again:
        assert again.kept("first", 2) == DOCUMENTS


def test_two_programs_do_not_work_on_the_same(tmp_path: Path) -> None:
    with steps_in(tmp_path), pytest.raises(UserError, match="another program is recording into"):
        steps_in(tmp_path)


def test_nothing_is_left_where_nothing_was_kept_or_all_is_done(tmp_path: Path) -> None:
    with steps_in(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
    with steps_in(tmp_path) as steps:
        steps.keep("first", DOCUMENTS)
        steps.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written: No such file"):
        steps_in(tmp_path / "none")
    with pytest.raises(UserError, match=r"cannot be written: .*name another file with --out"):
        write_durably(tmp_path / "none" / "file", b"")
