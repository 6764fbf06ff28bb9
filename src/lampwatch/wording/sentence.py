"""The sentence that a newsroom prints: what, where, since when, how sure; and how it stands."""

from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.event import Turn
from lampwatch.model.revision import Status
from lampwatch.wording.blocking import blocking_statement
from lampwatch.wording.connectivity import connectivity_statement
from lampwatch.wording.language import Language, language
from lampwatch.wording.said import Names, Said
from lampwatch.wording.when import moment, recurrence


def sentence(said: Said, locale: str, names: Names) -> str:
    """One calibrated sentence: what, where, since when, until when, with the verb of its level.

    locale is one of LOCALES; raises UserError for any other. Never says who did it, and of what was measured too little
    never that all is well.
    """
    spoken = language(locale)
    statement = _statement(spoken, said, names)
    if said.status is Status.RETRACTED:
        reason = spoken.name(said.reason) if said.reason else spoken.say("retracted.because")
        return spoken.say("retracted", statement=statement, reason=reason)
    if said.insufficient:
        return spoken.say("stated", statement=statement)
    incident = said.incident
    again = recurrence(incident)
    if again is not None and again.next_due is not None:
        return spoken.say("due", statement=statement, moment=moment(spoken, again.next_due))
    if incident.end is not None and incident.end.turn is Turn.SETTLED:
        return spoken.say("settled", statement=statement)
    if said.status is Status.INCONCLUSIVE:
        return spoken.say("inconclusive", statement=statement)
    return spoken.say("stated", statement=statement)


def _statement(spoken: Language, said: Said, names: Names) -> str:
    incident = said.incident
    if isinstance(incident, ConnectivityIncident):
        return connectivity_statement(spoken, said, incident, names)
    return blocking_statement(spoken, said, incident, names)
