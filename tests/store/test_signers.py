"""Keys are their owners' alone, and who may sign is plain."""

import stat
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lampwatch.model.errors import UserError
from lampwatch.store.signers import Signer, Signers, load_key, make_key, signer_of
from tests.store.signing import AIDA, BOLAT, signer


def nothing() -> str:
    raise AssertionError("no passphrase is to be asked for")


def test_a_key_is_made_for_its_owner_alone_and_signs(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key.pem"
    public = make_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = load_key(path, nothing)
    assert Signer("Aida", public).signed(b"words", key.sign(b"words"))
    assert not Signer("Aida", public).signed(b"other words", key.sign(b"words"))


def test_a_passphrase_locks_the_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    public = make_key(path, "saffron")
    assert load_key(path, lambda: "saffron").public_key().public_bytes_raw() == public
    for wrong in ("turmeric", ""):
        with pytest.raises(UserError, match="a wrong passphrase"):
            load_key(path, lambda wrong=wrong: wrong)  # type: ignore[misc]  # mypy does not know a default's type here


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make_key(path)
    before = path.read_bytes()
    with pytest.raises(UserError, match="is there already"):
        make_key(path)
    assert path.read_bytes() == before


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    make_key(path)
    path.chmod(0o640)
    with pytest.raises(UserError, match="chmod 600"):
        load_key(path, nothing)


def test_no_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="lampwatch sign-off --make-key NAME"):
        load_key(tmp_path / "key.pem", nothing)


def test_what_is_no_key_of_this_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(b"no key")
    path.chmod(0o600)
    with pytest.raises(UserError, match="no private key in PEM"):
        load_key(path, nothing)
    path.write_bytes(
        Ed448PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(UserError, match="another kind"):
        load_key(path, nothing)


def test_signers_are_listed_one_a_line(tmp_path: Path) -> None:
    signers = Signers(tmp_path / "data" / "signers")
    assert signers.all() == []
    assert signers.add(AIDA)
    assert signers.add(BOLAT)
    assert not signers.add(AIDA)
    assert signers.all() == [AIDA, BOLAT]
    assert signers.path.read_text() == f"{AIDA.listed}\n{BOLAT.listed}\n"


def test_a_file_written_by_hand_is_read(tmp_path: Path) -> None:
    path = tmp_path / "signers"
    path.write_text(f"# editors\n\n  Aida   {AIDA.listed.split()[1]}")
    signers = Signers(path)
    assert signers.all() == [AIDA]
    signers.add(BOLAT)
    assert signers.all() == [AIDA, BOLAT]


def test_a_name_has_one_key_unless_somebody_says_otherwise_by_hand(tmp_path: Path) -> None:
    signers = Signers(tmp_path / "signers")
    signers.add(AIDA)
    with pytest.raises(UserError, match="another key for Aida"):
        signers.add(signer("Aida", 3))


@pytest.mark.parametrize(
    "line",
    ["Aida", "Aida QUJD", "Aida %%%%", AIDA.listed.split()[1], f"A\x1bida {b64encode(bytes(32)).decode()}"],
)
def test_a_line_that_lists_nobody_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match="key"):
        signer_of(line)
    path = tmp_path / "signers"
    path.write_text(f"{AIDA.listed}\n{line}\n")
    with pytest.raises(UserError, match="signers line 2"):
        Signers(path).all()
