"""A person confirms, retracts and takes back, and every word of it holds or says why it does not."""

import stat
from pathlib import Path

import pytest

from lampwatch.model.incident import Level
from lampwatch.model.revision import AnyIncident, Revision, Status
from lampwatch.store.incidents import IncidentLog
from tests.cli.running import lampwatch, said
from tests.detect.found import NAME, blocked, dark, revision

BECAUSE = ("--because", "two operators told us")


def kept(folder: Path, incident: AnyIncident) -> Path:
    IncidentLog(folder / "incidents.jsonl").append([revision(incident)])
    return folder


def standing(data: Path) -> Revision:
    (one,) = IncidentLog(data / "incidents.jsonl").standing()
    return one


def refused(*arguments: object) -> str:
    """The one line in which a command refuses."""
    result = lampwatch(*arguments)
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    return str(line)


def listed(data: Path, name: str = "Aida") -> None:
    """Make a key and list it, by what the first command prints."""
    printed = said("sign-off", "--make-key", name, "--data", data)
    line = printed.splitlines()[-1].partition("'")[2].rstrip("'")
    assert f"{name} may sign here now" in said("sign-off", "--add-signer", line, "--data", data)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with one incident that may be confirmed, and Aida, who may sign."""
    listed(kept(tmp_path / "data", blocked()))
    return tmp_path / "data"


def test_a_confirmation_is_a_new_revision_with_name_and_reason(data: Path) -> None:
    told = said("sign-off", NAME, "--confirm", *BECAUSE, "--order", "order 7", "--data", data)
    assert told == (
        f"{NAME} is now ongoing, level 4 confirmed (revision 2): "
        "confirmed by Aida: two operators told us (order 7)\n"
    )
    assert (standing(data).number, standing(data).incident.level) == (2, Level.CONFIRMED)


def test_a_shutdown_is_confirmed_alike(tmp_path: Path) -> None:
    data = kept(tmp_path, dark())
    listed(data)
    said("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    assert standing(data).incident.level is Level.CONFIRMED


def test_a_retraction_is_taken_back_by_whoever_may_sign(data: Path) -> None:
    said("sign-off", NAME, "--retract", *BECAUSE, "--data", data)
    assert standing(data).status is Status.RETRACTED
    said("sign-off", NAME, "--withdraw", "--because", "I was wrong", "--data", data)
    assert (standing(data).status, standing(data).incident) == (Status.ONGOING, blocked())
    assert standing(data).because == "Aida took back what was signed: I was wrong"


def test_the_key_is_its_owner_s_and_may_be_locked(data: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE((data / "sign-off-key.pem").stat().st_mode) == 0o600
    path = tmp_path / "bolat.pem"
    made = lampwatch(
        "sign-off", "--make-key", "Bolat N.", "--passphrase", "--key", path, stdin=b"saffron\nsaffron\n"
    )
    line = made.stdout.splitlines()[-1].partition("'")[2].rstrip("'")
    said("sign-off", "--add-signer", line, "--data", data)
    sign = ("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    result = lampwatch(*sign, stdin=b"turmeric\n", LAMPWATCH_SIGN_OFF_KEY=str(path))
    assert "a wrong passphrase" in result.stderr
    assert standing(data).number == 1
    said(*sign, stdin=b"saffron\n", LAMPWATCH_SIGN_OFF_KEY=str(path))
    assert standing(data).because.startswith("confirmed by Bolat N.: ")


def test_the_list_says_what_holds_and_what_does_not(data: Path) -> None:
    said("sign-off", NAME, "--confirm", *BECAUSE, "--order", "order 7", "--data", data)
    said("sign-off", NAME, "--withdraw", *BECAUSE, "--data", data)
    first, because, order, then, _ = said("sign-offs", "--data", data).splitlines()
    assert first.endswith(f"UTC  confirm {NAME} revision 1, by Aida: valid, and a later one took its place")
    assert (because, order) == ("  because  two operators told us", "  order    order 7")
    assert then.endswith(f"withdraw {NAME} revision 2, by Aida: valid, and it stands")
    (data / "signers").write_text("")
    told = said("sign-offs", "--data", data).splitlines()
    assert [line for line in told if "invalid, counts for nothing: its key" in line] == [told[0], told[3]]


def test_the_list_says_what_no_longer_applies(data: Path) -> None:
    said("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    IncidentLog(data / "incidents.jsonl").append([revision(blocked(level=Level.APPARENT), 3)])
    assert "valid; Aida confirmed revision 1, which no longer applies" in said("sign-offs", "--data", data)


def test_the_list_is_given_to_machines_and_for_one_incident(data: Path) -> None:
    assert said("sign-offs", "--data", data) == "Nobody has signed anything.\n"
    said("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    assert '"decision":"confirm"' in said("sign-offs", "--format", "jsonl", "--data", data)
    assert said("sign-offs", "--incident", "other", "--format", "jsonl", "--data", data) == ""


def test_a_time_that_no_calendar_knows_is_listed(data: Path) -> None:
    said("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    log = data / "sign-offs.jsonl"
    text = log.read_text()
    at = text.partition('"at":')[2].partition(",")[0]
    log.write_text(text.replace(at, "9" * 18) + "junk}\n")
    told = said("sign-offs", "--data", data).splitlines()
    assert told[0].startswith("9999-12-31 23:59 UTC")
    assert told[-1] == "line 2: invalid, counts for nothing: it is no sign-off"


def test_an_incident_that_is_not_known_names_how_to_list_them(data: Path) -> None:
    told = refused("sign-off", "kz-9", "--confirm", *BECAUSE, "--data", data)
    assert told == "lampwatch: no incident is called kz-9; `lampwatch incidents` lists them"
    assert "name an incident" in refused("sign-off", "--confirm", *BECAUSE, "--data", data)


@pytest.mark.parametrize(
    ("incident", "lacks"),
    [(blocked(level=Level.APPARENT), "level 3"), (blocked(confirmable=False), "fewer than two networks")],
)
def test_what_cannot_be_confirmed_says_what_it_lacks(
    tmp_path: Path, incident: AnyIncident, lacks: str
) -> None:
    data = kept(tmp_path, incident)
    listed(data)
    assert lacks in refused("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    assert not (data / "sign-offs.jsonl").exists()
    assert standing(data).number == 1


def test_without_a_key_or_a_place_among_the_signers_nothing_is_signed(tmp_path: Path) -> None:
    data = kept(tmp_path, blocked())
    sign = ("sign-off", NAME, "--confirm", *BECAUSE, "--data", data)
    assert "`lampwatch sign-off --make-key NAME` makes one" in refused(*sign)
    said("sign-off", "--make-key", "Aida", "--data", data)
    assert "may not sign here; whoever answers for this instance lists it" in refused(*sign, "--by", "Aida")
    assert not (data / "sign-offs.jsonl").exists()


def test_a_reason_is_required_and_so_is_one_thing_to_do(data: Path) -> None:
    assert "--because" in refused("sign-off", NAME, "--confirm", "--because", "  ", "--data", data)
    assert "say one of" in refused("sign-off", NAME, "--data", data)
    assert "say one of" in refused("sign-off", NAME, "--confirm", "--make-key", "Aida", "--data", data)


def test_nobody_signs_what_they_have_not_read(data: Path) -> None:
    told = refused("sign-off", NAME, "--confirm", *BECAUSE, "--revision", "2", "--data", data)
    assert "has revision 1 by now, not 2" in told
    said("sign-off", NAME, "--confirm", *BECAUSE, "--revision", "1", "--data", data)


def test_nobody_signs_under_a_name_that_is_not_theirs(data: Path) -> None:
    told = refused("sign-off", NAME, "--confirm", *BECAUSE, "--by", "Bolat", "--data", data)
    assert "is not listed for Bolat, but for Aida" in told


def test_names_and_lines_that_cannot_be_listed_are_refused(tmp_path: Path) -> None:
    assert "choose another name" in refused("sign-off", "--make-key", "A\x1bida", "--data", tmp_path)
    assert not (tmp_path / "sign-off-key.pem").exists()
    assert "--make-key NAME` prints it" in refused("sign-off", "--add-signer", "Aida", "--data", tmp_path)


def test_what_a_person_wrote_cannot_act_on_the_terminal(data: Path) -> None:
    told = said("sign-off", NAME, "--confirm", "--because", "so\x1b[2J it is", "--data", data)
    assert "\x1b" not in told
    assert "\x1b" not in said("sign-offs", "--data", data)
