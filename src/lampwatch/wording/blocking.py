"""What a blocking incident says: what is blocked or slowed down, and on how many of the networks that were tested."""

from typing import Final

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.language import Language
from lampwatch.wording.place import network, place
from lampwatch.wording.said import Names, Said
from lampwatch.wording.subject import subject
from lampwatch.wording.when import is_over, period, when

_STATES: Final = {
    Mechanism.THROTTLING: "access.slowed",
    Mechanism.STREAM_INTERRUPTED: "access.interrupted",
}
"""What these do is no blocking, as long as nothing else was seen."""


def blocking_statement(language: Language, said: Said, incident: BlockingIncident, names: Names) -> str:
    """The statement of a blocking incident, without what ends a sentence."""
    what, count, named = subject(language, incident, names)
    where = place(language, incident, names, networks=False)
    if said.insufficient:
        words = {"what": what, "period": period(language, incident), **where.words}
        return _begun(language.say("insufficient.access", count, **words), what, named)
    tense = "past" if is_over(said) else "now"
    states = {_STATES.get(one, "access.blocked") for one in incident.mechanisms}
    said_of_it = language.say(
        f"access.{tense}.{incident.level.name.lower()}",
        count,
        what=what,
        state=language.say(states.pop() if len(states) == 1 else "access.blocked", count),
        where=_where(language, incident, names),
        when=when(language, said),
        **where.words,
    )
    return _begun(said_of_it, what, named)


def _begun(statement: str, what: str, named: bool) -> str:  # noqa: FBT001  read beside its name at each call
    """The statement with a capital letter, where it begins with a word; a name is written as it writes itself."""
    return statement if named or not statement.startswith(what) else statement[:1].upper() + statement[1:]


def _where(language: Language, incident: BlockingIncident, names: Names) -> str:
    """On how many of the networks that were tested there; nothing where none was, as of a claim."""
    there = [asn for asn in incident.networks if asn not in incident.beyond]
    blocking = len(there)
    tested = len({*incident.measured, *incident.networks} - {*incident.beyond})
    if not tested:
        return ""
    if blocking < tested:
        n, m = language.number(blocking), language.number(tested)
        found = language.say("where.some", tested, n=n, m=m)
    elif tested == 1:
        found = language.say("where.only")
    elif tested == 2:  # noqa: PLR2004  which languages have a word for
        found = language.say("where.both")
    else:
        found = language.say("where.all", tested, m=language.number(tested))
    if blocking != 1:
        return found
    return language.say("where.named", where=found, names=network(language, there[0], names))
