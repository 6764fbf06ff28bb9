import pytest

from lampwatch.model.vocabulary import Control, Evidence, Layer, Mechanism, State
from lampwatch.publish import words


def test_every_value_of_every_vocabulary_has_its_words() -> None:
    assert set(Layer) == set(words.LAYERS)
    assert set(Mechanism) == set(words.MECHANISMS)
    assert set(Evidence) == set(words.EVIDENCE)
    assert set(Control) == set(words.CONTROLS)
    assert set(State) | {words.INSUFFICIENT} == set(words.STATE_MARKS) == set(words.STATE_MEANINGS)


def test_what_a_device_took_part_in_is_not_simply_well() -> None:
    assert words.meaning(State.OK, None) == "it worked, and nothing speaks against it"
    assert "took part" in words.meaning(State.OK, Mechanism.MIDDLEBOX)


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("tls", "the probe\u2019s TLS handshakes"),
        ("control.http", "the control\u2019s HTTP exchanges"),
        ("last.dns", "the probe\u2019s DNS answers with the last redirect\u2019s host"),
    ],
)
def test_groups_of_facts_are_named_by_whose_they_are(group: str, said: str) -> None:
    assert words.group_in_words(group) == said


@pytest.mark.parametrize(
    ("failure", "said"),
    [("generic_timeout_error", "timeout"), ("connection_reset", "connection reset"), ("eof_error", "eof")],
)
def test_failures_are_said_as_people_say_them(failure: str, said: str) -> None:
    assert words.failure_in_words(failure) == said
