"""Several incidents that belong together in one sentence: messengers, then media, then everything."""

from collections.abc import Sequence

import msgspec

from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.errors import UserError
from lampwatch.model.incident import Scope
from lampwatch.model.revision import Status
from lampwatch.wording.connectivity import change, is_cut, is_whole
from lampwatch.wording.language import Language, language
from lampwatch.wording.place import MOST_NAMES, Place, place
from lampwatch.wording.said import Names, Said
from lampwatch.wording.sentence import sentence
from lampwatch.wording.subject import subject
from lampwatch.wording.when import is_over, when


def episode(several: Sequence[Said], locale: str, names: Names) -> str:
    """What was hit first, what then, and since when, in one sentence as sure as the least sure of its parts.

    several are in any order; those that were retracted or measured too little are left out, and one alone is its own
    sentence. locale as for `sentence`. Raises UserError where nothing is left to tell.
    """
    spoken = language(locale)
    told = sorted(
        (one for one in several if one.status is not Status.RETRACTED and not one.insufficient),
        key=lambda one: (one.incident.onset.at, one.incident.id),
    )
    if not told:
        raise UserError("this episode has no incident that can be told; name one that has")
    if len(told) == 1:
        return sentence(told[0], locale, names)
    steps = ""
    for step in _steps(spoken, told, names):
        steps = (
            spoken.say("episode.then", before=steps, step=step)
            if steps
            else spoken.say("episode.first", step=step)
        )
    whole, where = _whole(told), _place(spoken, told, names)
    tense = "past" if is_over(whole) else "now"
    level = min(one.incident.level for one in told)
    statement = spoken.say(
        f"cut.{tense}.{level.name.lower()}",
        where.names,
        state=spoken.say("cut.restricted"),
        when=when(spoken, whole),
        **where.words,
    )
    whole_statement = spoken.say("episode", statement=statement, steps=steps)
    return spoken.say("stated", statement=whole_statement)


def _whole(told: Sequence[Said]) -> Said:
    """The first incident, lasting as long as any of them does."""
    first = told[0]
    last = max(told, key=lambda one: (not is_over(one), one.incident.until))
    lasting = msgspec.structs.replace(first.incident, end=last.incident.end, until=last.incident.until)
    if isinstance(lasting, ConnectivityIncident):
        lasting = msgspec.structs.replace(lasting, recurrence=None)
    status = Status.RESTORED if is_over(last) else Status.ONGOING
    return Said(lasting, Status.INCONCLUSIVE if last.status is Status.INCONCLUSIVE else status)


def _place(spoken: Language, told: Sequence[Said], names: Names) -> Place:
    """The country, if they are all in one; else where the first one is."""
    first = told[0].incident
    if first.country:
        first = msgspec.structs.replace(first, scope=Scope.COUNTRY)
    return place(spoken, first, names, networks=True)


def _steps(spoken: Language, told: Sequence[Said], names: Names) -> list[str]:
    """The steps in their order, each once; of many, the first ones and how many more there are."""
    steps = list(dict.fromkeys(_step(spoken, one, names) for one in told))
    if len(steps) <= MOST_NAMES:
        return steps
    rest = len(steps) - MOST_NAMES + 1
    return [*steps[: MOST_NAMES - 1], spoken.say("more", rest, n=spoken.number(rest))]


def _step(spoken: Language, said: Said, names: Names) -> str:
    incident = said.incident
    if not isinstance(incident, ConnectivityIncident):
        return subject(spoken, incident, names).words
    if not is_cut(incident):
        return change(spoken, incident)
    whole = is_whole(incident) and incident.scope is Scope.COUNTRY
    return spoken.say("episode.internet" if whole else "episode.part")
