from collections import Counter
from collections.abc import Sequence

import pytest

from lampwatch.judge.references import NO_REFERENCES
from lampwatch.lab.week import WEEK
from lampwatch.model.measurement import SetAside
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import Mechanism, State
from lampwatch.observe.read import Reader
from lampwatch.pipeline.kernel import Kernel
from lampwatch.pipeline.methods import by_test_name, discover
from tests.stories.stories import STORIES
from tests.stories.story import Story, Truth
from tests.stories.writer import ANNOTATION, documents

METHODS = discover()
DOCUMENTS = list(documents())
READER = Reader({name: method.extractor for name, method in by_test_name(METHODS).items()})
KERNEL = Kernel(by_test_name(METHODS), NO_REFERENCES)
MOST_BYTES = 600_000


def verdicts_of(document: bytes) -> Sequence[Verdict]:
    read = READER.read(document)
    assert not isinstance(read, SetAside), read
    verdicts = KERNEL.verdicts(read)
    assert not isinstance(verdicts, str), verdicts
    return verdicts


def told(document: bytes) -> dict[str, Truth]:
    return {v.target: Truth(v.state, v.layer, v.mechanism) for v in verdicts_of(document)}


def test_the_same_bytes_are_written_each_time() -> None:
    assert list(documents()) == DOCUMENTS


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_document_of_a_story_gets_the_verdicts_its_writer_meant(story: Story) -> None:
    written = [document for own, document in DOCUMENTS if own is story]
    assert len(written) == len(story.times)
    assert [told(document) for document in written] == [story.truth] * len(written)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_document_is_valid_for_its_method(story: Story) -> None:
    document = next(document for own, document in DOCUMENTS if own is story)
    read = READER.read(document)
    assert not isinstance(read, SetAside), read
    assert read.observations is not None
    assert read.measurement.method == story.test
    assert (read.measurement.probe_cc, read.measurement.probe_asn) == (
        story.network.country,
        story.network.asn,
    )


def test_every_method_has_a_story_or_is_in_the_recorded_week() -> None:
    told_of = {story.test for story in STORIES} | {asked.measure.method for asked in WEEK.asked}
    assert [method.name for method in METHODS if told_of.isdisjoint(method.extractor.NAMES)] == []


def test_every_mechanism_has_a_story() -> None:
    told_of = {truth.mechanism for story in STORIES for truth in story.truth.values()}
    assert set(Mechanism) - told_of == set()


def test_states_are_in_believable_proportion() -> None:
    states = Counter(truth.state for story, _ in DOCUMENTS for truth in story.truth.values())
    total = sum(states.values())
    assert set(states) == set(State)
    assert 0.3 < states[State.BLOCKED] / total < 0.6
    assert states[State.OK] / total > 0.3


def test_the_set_is_small() -> None:
    assert sum(len(document) for _, document in DOCUMENTS) < MOST_BYTES
    assert 60 <= len(DOCUMENTS) <= 200


def test_no_document_can_be_taken_for_the_world() -> None:
    for story, document in DOCUMENTS:
        assert ANNOTATION["lampwatch_example"].encode() in document
        assert story.network.country in {"XA", "XB"}
        assert 64512 <= story.network.asn <= 64520
        assert story.network.name.endswith("(invented)")


def test_stories_have_names_of_their_own() -> None:
    assert len({story.name for story in STORIES}) == len(STORIES)


def test_no_document_stands_twice() -> None:
    assert len({document for _, document in DOCUMENTS}) == len(DOCUMENTS)
