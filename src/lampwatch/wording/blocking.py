"""What a blocking incident says: what is blocked or slowed down, and on how many of the networks that were tested."""

from typing import Final

from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.language import Language
from lampwatch.wording.place import MOST_NAMES, few, network, place
from lampwatch.wording.said import Names, Said
from lampwatch.wording.when import is_over, period, when

_STATES: Final = {
    Mechanism.THROTTLING: "access.slowed",
    Mechanism.STREAM_INTERRUPTED: "access.interrupted",
}
"""What these do is no blocking, as long as nothing else was seen."""


def blocking_statement(language: Language, said: Said, incident: BlockingIncident, names: Names) -> str:
    """The statement of a blocking incident, without what ends a sentence."""
    what, count = subject(language, incident, names)
    where = place(language, incident, names, networks=False)
    if said.insufficient:
        words = {"what": what, "period": period(language, incident), **where.words}
        return language.say("insufficient.access", count, **words)
    tense = "past" if is_over(said) else "now"
    states = {_STATES.get(one, "access.blocked") for one in incident.mechanisms}
    return language.say(
        f"access.{tense}.{incident.level.name.lower()}",
        count,
        what=what,
        state=language.say(states.pop() if len(states) == 1 else "access.blocked", count),
        where=_where(language, incident, names),
        when=when(language, said),
        **where.words,
    )


def subject(language: Language, incident: BlockingIncident, names: Names) -> tuple[str, int]:
    """What it is about, and how many that are in grammar: a list counts as what of it is named."""
    called = incident.services or incident.targets
    count, category = len(called), f"category.{incident.category.upper()}"
    if count > MOST_NAMES and incident.category and language.has(category):
        return language.say(category, count, n=language.number(count)), count
    listed = few(language, [language.name(names.targets.get(one, one)) for one in called])
    return listed, min(count, MOST_NAMES)


def _where(language: Language, incident: BlockingIncident, names: Names) -> str:
    """On how many of the networks that were tested; nothing where none was, as of a claim."""
    blocking = len(incident.networks)
    tested = len({*incident.measured, *incident.networks})
    if not tested:
        return ""
    if blocking < tested:
        n, m = language.number(blocking), language.number(tested)
        found = language.say("where.some", tested, n=n, m=m)
    elif tested == 1:
        found = language.say("where.only")
    else:
        found = language.say("where.all", tested, m=language.number(tested))
    if blocking != 1:
        return found
    return language.say("where.named", where=found, names=network(language, incident.networks[0], names))
