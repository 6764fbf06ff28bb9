"""Signing an incident: what a person may sign of it, and the revision that this makes. Pure."""

from collections.abc import Sequence

from lampwatch.detect.sign_offs import deciding, lacking, with_sign_offs, without_sign_offs
from lampwatch.detect.version import DETECTOR_VERSION
from lampwatch.model.incident import Level
from lampwatch.model.revision import Revision, Status
from lampwatch.model.signoff import Decision, SignOff


def refusal(decision: Decision, order: str, last: Revision, sign_offs: Sequence[SignOff]) -> str:
    """Why a person cannot sign this of an incident's last revision, in a clause; empty where nothing stands against it.

    sign_offs are those that count, in order; order as in `SignOff`.
    """
    before = deciding(last.incident.id, sign_offs)
    if decision is Decision.WITHDRAW:
        nothing = before is None or before.decision is Decision.WITHDRAW
        return "nobody has signed anything of it that stands" if nothing else ""
    if last.status is Status.RETRACTED:
        if before is not None and before.decision is Decision.RETRACT:
            return f"{before.by} retracted it; take that back first, with --withdraw"
        return "it was retracted, since it is not found any more"
    if decision is Decision.RETRACT:
        return ""
    if last.incident.level is Level.CONFIRMED:
        return "it is confirmed already"
    return lacking(without_sign_offs(last.incident), order)


def signed_revision(history: Sequence[Revision], sign_offs: Sequence[SignOff], now: int) -> Revision:
    """What is to be said of an incident once the last of these sign-offs is signed, which is of it.

    history holds its revisions so far, in order, and at least one. now is in seconds since 1970 (UTC).
    """
    last = history[-1]
    before = with_sign_offs(last.incident, sign_offs[:-1], history)
    signed = with_sign_offs(last.incident, sign_offs, history)
    status = last.status
    if signed.retracted:
        status = Status.RETRACTED
    elif before.retracted:
        status = _unretracted(history)
    return Revision(
        signed.incident,
        last.number + 1,
        now,
        last.as_of,
        status,
        signed.because,
        DETECTOR_VERSION,
        last.inputs,
        signed.reason,
    )


def _unretracted(history: Sequence[Revision]) -> Status:
    """How an incident stood but for its retraction; the next detection knows better where that has changed."""
    if history[-1].incident.end is not None:
        return Status.RESTORED
    return next(
        (one.status for one in reversed(history) if one.status is not Status.RETRACTED), Status.ONGOING
    )
