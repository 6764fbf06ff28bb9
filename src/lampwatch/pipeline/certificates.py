"""The certificates of one measurement, checked here: what they say of the probe's word, and of interception. Pure."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from lampwatch.judge.certificates import Authorities, Examined, Soundness
from lampwatch.model.failure import Failure
from lampwatch.model.observation import Handshake, Observations
from lampwatch.model.verdict import Verdict
from lampwatch.observe.certificates import Shown

_REFUSALS: Final = frozenset(
    {Failure.TLS_INVALID_HOSTNAME, Failure.TLS_UNKNOWN_AUTHORITY, Failure.TLS_INVALID_CERTIFICATE}
)
_MOST_EXAMINED: Final = 64
_PROVED: Final = {
    Soundness.SOUND: "it leads to a known authority, and is for this name",
    Soundness.OUT_OF_DATE: "it is genuine, but for its dates",
    Soundness.OTHER_NAME: "it is for other names",
    Soundness.UNKNOWN_AUTHORITY: "it leads to no authority that is known here",
    Soundness.UNREADABLE: "it cannot be read",
}
_WITNESS: Final = "probe.handshake."


class Finding(NamedTuple):
    """What was found, in a sentence, and whether it leaves the witness standing."""

    text: str
    stands: bool = True


class Certificate(msgspec.Struct, frozen=True):
    """What one handshake was shown, and what that proves. digest is the SHA-256 of the server's own, in hex."""

    handshake: Shown
    digest: str
    examined: Examined

    @property
    def told(self) -> str:
        """The certificate in a sentence."""
        shake, found = self.handshake, self.examined
        probe = (
            "believed by the probe" if shake.failure is None else f"refused by the probe ({shake.failure})"
        )
        if not shake.verified:
            probe = "not checked by the probe"
        what = f"{_place(shake)}, {probe}: {_PROVED[found.soundness]}"
        if found.soundness is Soundness.UNREADABLE:
            return what
        return f"{what} (for {', '.join(found.names)}; issued by {'itself' if found.own else found.issuer})"


def examined(
    handshakes: Sequence[Shown], authorities: Authorities, at: dt.datetime, beside: Sequence[bytes] = ()
) -> list[Certificate]:
    """The certificates of handshakes that named a server, each looked at as of a time (UTC, no zone).

    Those that were shown in other handshakes, and those beside, may complete a chain. At most 64 different ones.
    """
    others = dict.fromkeys([*(der for one in handshakes for der in one.chain[1:]), *beside])
    known: dict[tuple[tuple[bytes, ...], str], Examined] = {}
    found = []
    for one in handshakes:
        key = one.chain, one.server_name
        if not one.server_name or (key not in known and len(known) >= _MOST_EXAMINED):
            continue
        if key not in known:
            known[key] = authorities.examined(one.chain, one.server_name, at, others)
        found.append(Certificate(one, one.digest, known[key]))
    return found


def contradictions(certificates: Sequence[Certificate]) -> Iterator[Finding]:
    """Where the probe refused what it should have believed: its clock is wrong, it lacks authorities, or it lies."""
    for one in certificates:
        claim, proved = one.handshake.failure, one.examined.soundness
        if claim not in _REFUSALS or not one.handshake.verified:
            continue
        if proved is Soundness.SOUND:
            text = f"the probe refused the certificate of {_place(one.handshake)} ({claim}), which is sound"
            yield Finding(f"{text}: its clock or its list of authorities is wrong, or it lies", stands=False)
        elif claim is Failure.TLS_INVALID_HOSTNAME and proved not in {
            Soundness.OTHER_NAME,
            Soundness.UNREADABLE,
        }:
            text = f"the probe says that the certificate of {_place(one.handshake)} is for another name"
            yield Finding(f"{text}, and it is for this one", stands=False)


def interception(
    verdict: Verdict, observed: Observations, certificates: Sequence[Certificate]
) -> Iterator[Finding]:
    """Whether certificates prove what a verdict of interception says: that somebody else answered."""
    rests_on = [shake for shake in _rests_on(verdict, observed) if shake.failure in _REFUSALS]
    told = False
    for shake in rests_on:
        for one in certificates:
            if one.digest == shake.certificate and one.handshake.server_name == shake.server_name.lower():
                told = True
                yield _foreign(one)
                break
    if not told:
        text = f"no certificate of {verdict.hostname or verdict.target} was kept"
        yield Finding(f"{text}: that somebody else answered rests on the probe's word alone", stands=False)
    yield from _outside(rests_on, observed)


def _rests_on(verdict: Verdict, observed: Observations) -> Iterator[Handshake]:
    """The handshakes that a verdict names; where it names none, all with its host."""
    shakes = observed.probe.handshakes
    numbers = [one.removeprefix(_WITNESS) for one in verdict.witnesses if one.startswith(_WITNESS)]
    named = [shakes[int(number)] for number in numbers]
    host = (verdict.hostname or verdict.target).lower()
    yield from named or (shake for shake in shakes if shake.server_name.lower() == host)


def _foreign(one: Certificate) -> Finding:
    """Whether a certificate that the probe refused is another's."""
    found, place = one.examined, _place(one.handshake)
    if found.soundness is Soundness.OTHER_NAME:
        return Finding(
            f"the certificate of {place} is for {', '.join(found.names)}, as issued by {found.issuer}"
        )
    if found.soundness is Soundness.SOUND:
        return Finding(f"the certificate of {place} is the server's own: nobody else answered", stands=False)
    if found.soundness is Soundness.OUT_OF_DATE or (
        one.handshake.failure is Failure.TLS_INVALID_CERTIFICATE and not found.dated and not found.own
    ):
        text = f"only its dates speak against the certificate of {place}, as a wrong clock does"
        return Finding(text, stands=False)
    if found.soundness is Soundness.UNREADABLE:
        return Finding(f"the certificate of {place} cannot be read, so it proves nothing", stands=False)
    if found.logged:
        # Probes keep but the first of a chain that they refuse, and authorities are dropped over the years.
        text = f"the certificate of {place} leads to no authority that is known here, but bears timestamps of public"
        return Finding(f"{text} logs, as genuine ones do: it may be the server's own", stands=False)
    issuer = "itself" if found.own else found.issuer
    return Finding(f"the certificate of {place} leads to no known authority: it was issued by {issuer}")


def _outside(rests_on: Sequence[Handshake], observed: Observations) -> Iterator[Finding]:
    """What the control says of the certificates that it saw of the same servers."""
    names = {shake.server_name.lower() for shake in rests_on}
    control = observed.control.handshakes if observed.control is not None else ()
    seen = [shake for shake in control if shake.server_name.lower() in names]
    if any(shake.failure is None for shake in seen):
        yield Finding("from outside, the control says, the server shows a certificate that holds")
    elif any(shake.failure in _REFUSALS for shake in seen):
        text = "from outside the server shows a certificate that does not hold either"
        yield Finding(text, stands=False)


def _place(shake: Shown) -> str:
    return f"{shake.server_name} at {shake.ip}" if shake.ip else shake.server_name
