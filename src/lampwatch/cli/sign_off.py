"""`lampwatch sign-off`: a person confirms or retracts an incident, and answers for it by signature."""

import shlex
from pathlib import Path
from typing import Final

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lampwatch.cli.place import Place, data_option, utc_now
from lampwatch.cli.settings import SIGN_OFF_KEY
from lampwatch.detect.signing import refusal, signed_revision
from lampwatch.formats.instants import seconds_of
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.revision import Revision
from lampwatch.model.signoff import Decision
from lampwatch.store.incidents import HeldLog, IncidentLog
from lampwatch.store.signers import Signer, load_key, make_key, signer_of
from lampwatch.store.signoffs import Draft

KEY_FILE: Final = "sign-off-key.pem"
_WHAT: Final = "say one of --confirm, --retract, --withdraw, --make-key and --add-signer"


@click.command("sign-off")
@click.argument("incident", required=False)
@data_option
@click.option("--confirm", "decision", flag_value=Decision.CONFIRM.value, help="It is so, as it is told.")
@click.option("--retract", "decision", flag_value=Decision.RETRACT.value, help="It is none.")
@click.option(
    "--withdraw",
    "decision",
    flag_value=Decision.WITHDRAW.value,
    help="Take back what was signed of it before, by whomever.",
)
@click.option("--because", metavar="TEXT", default="", help="Why, in words that can be printed. Required.")
@click.option(
    "--order", metavar="TEXT", default="", help="The address or citation of an order or an operator's notice."
)
@click.option("--by", metavar="NAME", default="", help="The name that your key is listed under, of several.")
@click.option(
    "--revision",
    type=click.IntRange(1),
    help="The revision that you have read: nothing is signed where there is a later one.",
)
@click.option(
    "--key",
    "key_file",
    envvar=SIGN_OFF_KEY.envvar,
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"The file of your private key. [default: {KEY_FILE} in the data directory; env: {SIGN_OFF_KEY.envvar}]",
)
@click.option("--make-key", "new_name", metavar="NAME", help="Make a private key for a name, and end.")
@click.option("--passphrase", is_flag=True, help="With --make-key: ask for a passphrase to encrypt it with.")
@click.option(
    "--add-signer", "new_signer", metavar="'NAME KEY'", help="List somebody who may sign here, and end."
)
def sign_off(
    place: Place,
    incident: str | None,
    *,
    decision: str | None,
    because: str,
    order: str,
    by: str,
    revision: int | None,
    key_file: Path | None,
    new_name: str | None,
    passphrase: bool,
    new_signer: str | None,
) -> None:
    """Confirm or retract an incident, as a person who answers for it.

    What is signed is appended to a log that nobody can change unseen, and the incident gets a new revision.
    """
    path = key_file or place.directory / KEY_FILE
    if sum(one is not None for one in (decision, new_name, new_signer)) != 1:
        raise UserError(_WHAT)
    if new_name is not None:
        _make(path, new_name, locked=passphrase)
    elif new_signer is not None:
        _add(place, new_signer)
    elif decision is not None:
        because, order = " ".join(because.split()), " ".join(order.split())
        last, _ = _last(place.incidents(), incident, revision)
        if not because:
            raise UserError("say why, with --because TEXT: it is printed with what you sign")
        _sign(place, path, by, Decision(decision), last, because, order)


def _make(path: Path, name: str, *, locked: bool) -> None:
    """Make a key, and say how it comes to be believed."""
    words = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True, err=True) if locked else ""
    # Whether the name can be listed is asked first: a key without a name is of no use to anybody.
    try:
        signer_of(Signer(name, bytes(32)).listed)
    except ValueError as error:
        raise UserError(f"{printable(name)!r} cannot be listed: {error}; choose another name") from error
    signer = Signer(" ".join(name.split()), make_key(path, words))
    click.echo(f"{path} is the private key of {signer.name}. Keep it, and show it to nobody.")
    click.echo("It counts once whoever answers for this instance lists its public key:")
    click.echo(f"  lampwatch sign-off --add-signer {shlex.quote(signer.listed)}")


def _add(place: Place, line: str) -> None:
    try:
        signer = signer_of(line)
    except ValueError as error:
        raise UserError(f"--add-signer: {error}; `lampwatch sign-off --make-key NAME` prints it") from error
    added = place.signers().add(signer)
    click.echo(
        f"{signer.name} {'may sign here now' if added else 'might sign here already'}: key {signer.key}"
    )


def _last(
    log: IncidentLog | HeldLog, incident: str | None, revision: int | None
) -> tuple[Revision, list[Revision]]:
    """The revision that is signed, and all so far: the last one, which must be the one that the person has read."""
    if incident is None:
        raise UserError("name an incident; `lampwatch incidents` lists them")
    history = log.revisions(incident)
    if not history:
        raise UserError(f"no incident is called {printable(incident)}; `lampwatch incidents` lists them")
    last = history[-1]
    if revision is not None and revision != last.number:
        raise UserError(
            f"{incident} has revision {last.number} by now, not {revision}; "
            f"read it with `lampwatch incident {incident}`"
        )
    return last, history


def _sign(
    place: Place, path: Path, by: str, decision: Decision, last: Revision, because: str, order: str
) -> None:
    incident = last.incident.id
    _refuse(place, decision, order, last)
    key = load_key(path, lambda: str(click.prompt("Passphrase", hide_input=True, err=True)))
    now = seconds_of(utc_now())
    draft = Draft(
        incident=incident, revision=last.number, decision=decision, at=now, because=because, order=order
    )
    signer = _signer(place, path, key, by)
    # What is signed must still be what was read, and the next revision follows it: no detection comes between.
    with place.incidents().held() as log:
        last, history = _last(log, incident, last.number)
        _refuse(place, decision, order, last)
        place.sign_offs().append(draft, signer, key)
        made = signed_revision(history, place.signed(), now)
        log.append([made])
    level = f"level {int(made.incident.level)} {made.incident.level.name.lower()}"
    click.echo(
        f"{incident} is now {made.status}, {level} (revision {made.number}): {printable(made.because)}"
    )


def _refuse(place: Place, decision: Decision, order: str, last: Revision) -> None:
    why_not = refusal(decision, order, last, place.signed())
    if why_not:
        raise UserError(f"{last.incident.id} cannot be signed so: {why_not}")


def _signer(place: Place, path: Path, key: Ed25519PrivateKey, by: str) -> Signer:
    """Whose key it is, by the names of those who may sign."""
    public = key.public_key().public_bytes_raw()
    listed = [one for one in place.signers().all() if one.public == public]
    if not listed:
        line = Signer(by or "NAME", public).listed
        raise UserError(
            f"the key at {path} may not sign here; whoever answers for this instance lists it with "
            f"`lampwatch sign-off --add-signer {shlex.quote(line)}`"
        )
    found = next((one for one in listed if by in {"", one.name}), None)
    if found is None:
        raise UserError(f"the key at {path} is not listed for {printable(by)}, but for {listed[0].name}")
    return found
