"""What is signed is kept; what was touched afterwards counts for nothing, and says why."""

import fcntl
import json
from base64 import b64encode
from pathlib import Path
from typing import IO, Any

import msgspec
import pytest

from lampwatch.model.errors import UserError
from lampwatch.model.signoff import Decision, SignOff
from lampwatch.store.signers import Signer
from lampwatch.store.signoffs import Draft, SignOffLog
from tests.store.signing import AIDA, AIDAS_KEY, BOLAT, BOLATS_KEY, key, signer

BOTH = [AIDA, BOLAT]
CHANGED = "its signature does not hold"
OUT_OF_ORDER = "it does not follow the line before it"


def draft(name: str, decision: Decision = Decision.CONFIRM) -> Draft:
    return Draft(
        incident=name, revision=3, decision=decision, at=1_641_384_000, because="two operators told us"
    )


@pytest.fixture
def log(tmp_path: Path) -> SignOffLog:
    return SignOffLog(tmp_path / "kept" / "sign-offs.jsonl")


@pytest.fixture
def three(log: SignOffLog) -> list[SignOff]:
    """Three sign-offs by two persons, in the log."""
    return [
        log.append(draft("kz-1"), AIDA, AIDAS_KEY),
        log.append(draft("kz-2"), BOLAT, BOLATS_KEY),
        log.append(draft("kz-1", Decision.WITHDRAW), AIDA, AIDAS_KEY),
    ]


def faults(log: SignOffLog, signers: list[Signer] = BOTH) -> list[str]:
    return [entry.invalid.partition(":")[0] for entry in log.entries(signers)]


def lines(log: SignOffLog) -> list[bytes]:
    return log._path.read_bytes().splitlines()


def rewritten(log: SignOffLog, content: list[bytes]) -> None:
    log._path.write_bytes(b"".join(line + b"\n" for line in content))


def test_what_was_signed_is_read_back_and_counts(log: SignOffLog, three: list[SignOff]) -> None:
    assert log.standing(BOTH) == three
    assert [(one.by, one.key) for one in three[:2]] == [("Aida", AIDA.key), ("Bolat N.", BOLAT.key)]
    assert faults(log) == ["", "", ""]


def test_each_names_the_line_before_it(log: SignOffLog, three: list[SignOff]) -> None:
    assert three[0].previous == ""
    assert len({one.previous for one in three}) == 3
    assert [entry.line for entry in log.entries(BOTH)] == [1, 2, 3]


def test_a_log_that_nobody_wrote_is_empty(log: SignOffLog) -> None:
    assert log.entries(BOTH) == []
    assert log.standing(BOTH) == []
    assert not log._path.exists()


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"kz-2", b"kz-9"),
        (b"confirm", b"retract"),
        (b"operators", b"Operators"),
        (b'"revision":3', b'"revision":4'),
    ],
)
def test_a_changed_word_is_noticed_and_so_is_the_break_behind_it(
    log: SignOffLog, three: list[SignOff], was: bytes, becomes: bytes
) -> None:
    there = lines(log)
    rewritten(log, [there[0], there[1].replace(was, becomes), there[2]])
    assert faults(log) == ["", CHANGED, OUT_OF_ORDER]
    assert log.standing(BOTH) == three[:1]


def test_what_is_signed_after_a_break_counts(log: SignOffLog, three: list[SignOff]) -> None:
    there = lines(log)
    rewritten(log, [there[0], there[2]])
    made = log.append(draft("kz-4"), BOLAT, BOLATS_KEY)
    assert faults(log) == ["", OUT_OF_ORDER, ""]
    assert log.standing(BOTH) == [three[0], made]


def test_a_line_that_was_put_in_twice_counts_once(log: SignOffLog, three: list[SignOff]) -> None:
    rewritten(log, [*lines(log), lines(log)[0]])
    assert faults(log) == ["", "", "", OUT_OF_ORDER]
    assert log.standing(BOTH) == three


def test_nobody_signs_in_another_s_name(log: SignOffLog) -> None:
    log.append(draft("kz-1"), Signer("Aida", BOLAT.public), BOLATS_KEY)
    log.append(draft("kz-1"), AIDA, BOLATS_KEY)
    assert faults(log) == ["its key is not listed for Aida", CHANGED]


def test_a_key_that_is_not_listed_counts_for_nothing(log: SignOffLog, three: list[SignOff]) -> None:
    stranger = signer("Stranger", 3)
    log.append(draft("kz-1"), stranger, key(3))
    assert faults(log)[-1] == f"its key {stranger.key} is none of those who may sign"
    assert faults(log, [AIDA]) == [
        "",
        f"its key {BOLAT.key} is none of those who may sign",
        "",
        faults(log)[-1],
    ]
    assert log.standing(BOTH) == three


def test_a_signature_of_something_else_is_none(log: SignOffLog) -> None:
    log.append(draft("kz-1"), AIDA, AIDAS_KEY)
    whole = json.loads(lines(log)[0])
    said = msgspec.json.encode(whole["sign_off"])
    whole["signature"] = b64encode(AIDAS_KEY.sign(said)).decode()
    rewritten(log, [msgspec.json.encode(whole)])
    assert faults(log) == [CHANGED]


def test_a_line_that_was_cut_short_is_told_and_the_next_is_whole(
    log: SignOffLog, three: list[SignOff]
) -> None:
    whole = log._path.read_bytes()
    log._path.write_bytes(whole + lines(log)[0][:90])
    assert faults(log) == ["", "", "", "it was cut short while it was written"]
    made = log.append(draft("kz-5"), AIDA, AIDAS_KEY)
    assert log.standing(BOTH) == [*three, made]


@pytest.mark.parametrize(
    "junk",
    [
        b'{"a": 1}',
        b"[]}",
        b'{"sign_off": 7, "signature": "x"}',
        b'{"sign_off": null}',
        b"\xff\xfe}",
        b"[" * 99_999 + b"}",
    ],
)
def test_junk_is_told_and_disturbs_nothing(log: SignOffLog, three: list[SignOff], junk: bytes) -> None:
    there = lines(log)
    rewritten(log, [there[0], junk, *there[1:]])
    assert faults(log) == ["", "it is no sign-off", "", ""]
    assert log.standing(BOTH) == three


@pytest.mark.parametrize("signature", ["", "%%%", b64encode(bytes(64)).decode(), "QUJD"])
def test_a_signature_that_is_none_is_told(log: SignOffLog, three: list[SignOff], signature: str) -> None:
    whole: dict[str, Any] = json.loads(lines(log)[-1])
    rewritten(log, [*lines(log)[:2], msgspec.json.encode(whole | {"signature": signature})])
    assert faults(log) == ["", "", CHANGED]
    assert log.standing(BOTH) == three[:2]


def test_who_waited_for_another_to_sign_follows_what_the_other_signed(
    log: SignOffLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(draft("kz-1"), AIDA, AIDAS_KEY)

    def waited(file: IO[bytes], how: int) -> None:
        monkeypatch.undo()
        SignOffLog(log._path).append(draft("kz-2"), BOLAT, BOLATS_KEY)
        fcntl.flock(file, how)

    monkeypatch.setattr(fcntl, "flock", waited)
    log.append(draft("kz-3"), AIDA, AIDAS_KEY)
    assert [one.incident for one in log.standing(BOTH)] == ["kz-1", "kz-2", "kz-3"]


def test_a_log_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "sign-offs.jsonl").mkdir()
    log = SignOffLog(tmp_path / "sign-offs.jsonl")
    with pytest.raises(UserError, match="nothing was signed"):
        log.append(draft("kz-1"), AIDA, AIDAS_KEY)
    with pytest.raises(UserError, match="cannot be read"):
        log.entries(BOTH)
