from hypothesis import given
from hypothesis import strategies as st

from lampwatch.signals.probing.belief import HIGHEST, LOWEST, BlockState, Standing, Watch
from lampwatch.signals.probing.memory import Memory, decoded, encoded

standings = st.builds(
    Standing,
    answered=st.floats(0.1, 3.0),
    asked=st.floats(3.0, 10.0),
    belief=st.floats(LOWEST, HIGHEST),
    state=st.sampled_from(BlockState),
    pending=st.integers(0, 1000),
    position=st.integers(0, 10**9),
)


@given(st.integers(0, 2**63 - 1), st.dictionaries(st.text(max_size=20), standings, max_size=5))
def test_what_was_remembered_is_read_back(seed: int, known: dict[str, Standing]) -> None:
    assert decoded(encoded(Memory(seed, known))) == Memory(seed, known)


def test_no_address_is_in_it() -> None:
    written = encoded(Memory(1, {"198.18.1.0/24": Standing(1.0, 2.0)}))
    assert written.count(b"198.18.1.") == written.count(b"198.18.1.0/24") == 1


@given(st.binary(max_size=200))
def test_what_is_none_of_ours_is_nothing(content: bytes) -> None:
    assert decoded(content) is None


def test_another_version_is_nothing() -> None:
    assert decoded(encoded(Memory(1, {}, version=2))) is None


@given(st.floats(), st.floats(), st.floats(), st.integers(), st.integers())
def test_nonsense_about_a_block_is_forgotten_and_what_is_left_can_be_gone_on_from(
    answered: float, asked: float, belief: float, pending: int, position: int
) -> None:
    odd = Standing(answered, asked, belief=belief, pending=pending, position=position)
    sound = Standing(1.0, 2.0)
    found = decoded(encoded(Memory(1, {"odd": odd, "sound": sound})))
    assert found is None or found.standings["sound"] == sound
    for one in found.standings.values() if found else ():
        watch = Watch(one)
        watch.hear(answered=True)
        assert 0 < watch.ended().availability <= 1
