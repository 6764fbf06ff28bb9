"""The paragraph below the sentence: how it is done, where it was found and where not, what speaks against it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from lampwatch.model.blocking import Block, BlockingIncident
from lampwatch.model.connectivity import ConnectivityIncident
from lampwatch.model.revision import Status
from lampwatch.model.series import Family
from lampwatch.model.vocabulary import Mechanism
from lampwatch.wording.connectivity import is_cut
from lampwatch.wording.language import Language, language
from lampwatch.wording.place import few, network
from lampwatch.wording.reasons import reasons
from lampwatch.wording.said import Names, Said
from lampwatch.wording.sentence import sentence
from lampwatch.wording.when import is_over

_TOGETHER_S: Final = 3600
"""What was first seen within an hour of each other came at the same time, as far as votes can tell."""
_MOST_NETWORKS: Final = 10
_MOST_BESIDE_A_MECHANISM: Final = 3


def paragraph(said: Said, locale: str, names: Names) -> str:
    """The sentence, and below it what it rests on: how, on which networks, how sure, and what speaks against it.

    locale and errors as for `sentence`. Of what was retracted or measured too little there is the sentence alone.
    """
    spoken = language(locale)
    first = sentence(said, locale, names)
    if said.insufficient or said.status is Status.RETRACTED:
        return first
    incident = said.incident
    if isinstance(incident, ConnectivityIncident):
        further = _of_connectivity(spoken, incident)
    else:
        further = _of_blocking(spoken, said, incident, names)
    level = incident.level
    sure = spoken.say("sure", n=spoken.number(int(level)), level=spoken.say(f"level.{level.name.lower()}"))
    kinds = ["against"] if isinstance(incident, ConnectivityIncident) else ["against.access", "against"]
    against = reasons(spoken, incident.against, kinds)
    doubts = [spoken.say("against", reason=against)] if against else []
    return " ".join([first, *further, *doubts, sure, spoken.say("nobody")])


def _of_connectivity(spoken: Language, incident: ConnectivityIncident) -> Iterator[str]:
    if incident.share is not None and is_cut(incident):
        yield spoken.say("evidence.gone", percent=spoken.percent(incident.share))
    families = [one for one in Family if one in {part.family for part in incident.parts}]
    if families:
        listed = spoken.listed([spoken.say(f"family.{one}") for one in families])
        yield spoken.say("evidence.families", families=listed)
    if incident.reasons and is_cut(incident):
        yield from _deliberate(spoken, incident)


def _deliberate(spoken: Language, incident: ConnectivityIncident) -> Iterator[str]:
    """How likely it is that somebody wanted it, and why: a hedge, and never a verdict."""
    yield spoken.say("deliberate", percent=spoken.percent(incident.deliberate))
    for key, given in (
        ("deliberate.likelier", [one for one in incident.reasons if one.factor > 1]),
        ("deliberate.unlikelier", [one for one in incident.reasons if one.factor < 1]),
    ):
        if given:
            yield spoken.say(key, reasons=reasons(spoken, given, ["because"]))


def _of_blocking(spoken: Language, said: Said, incident: BlockingIncident, names: Names) -> Iterator[str]:
    steps = _steps(spoken, incident, names)
    if steps:
        yield spoken.say("how.past" if is_over(said) else "how.now", steps=steps)
    blocking = set(incident.networks)
    # One network alone, and all of them, are in the sentence already.
    tested = {*incident.measured, *blocking} - {*incident.beyond}
    if len(blocking) > 1 and (incident.beyond or len(blocking) < len(tested)):
        yield _on(spoken, "evidence.on", incident.networks, names)
    # What "these networks" and "there" mean must come before those networks on which it was not found.
    if incident.share is not None:
        yield spoken.say("evidence.share", percent=spoken.percent(incident.share))
    if incident.blocks:
        yield from _measured(spoken, incident)
    if incident.fingerprints:
        recognised = few(spoken, [spoken.name(one) for one in incident.fingerprints])
        yield spoken.say("evidence.fingerprints", names=recognised)
    if incident.blocks:
        yield spoken.say("evidence.witness", names=spoken.name(_witness(incident.blocks)))
    if open_ones := sorted(tested - blocking):
        yield _on(spoken, "evidence.off", open_ones, names)
    if open_beyond := [asn for asn in incident.beyond if asn not in blocking]:
        yield _on(spoken, "evidence.beyond", open_beyond, names)


def _measured(spoken: Language, incident: BlockingIncident) -> Iterator[str]:
    """Who measured: how many sessions found it and how many did not, and with which programs it was found."""
    found = _voters(incident, lambda block: block.blocked_voters)
    contrary = _voters(incident, lambda block: block.contrary_voters)
    yield spoken.say(
        "evidence.sessions",
        found=spoken.say("evidence.found", found, n=spoken.number(found)),
        open=spoken.say("evidence.open", contrary, n=spoken.number(contrary))
        if contrary
        else spoken.say("evidence.none"),
    )
    programs = sorted({name for block in incident.blocks for name, _ in block.software})
    if programs:
        yield spoken.say("evidence.programs", names=few(spoken, [spoken.name(one) for one in programs]))


def _witness(blocks: Sequence[Block]) -> str:
    """The measurement that tells most: one that recognised or saw the interference itself, where most found it."""
    best = max(blocks, key=lambda one: (bool(one.fingerprints), one.direct > 0, one.blocked_voters))
    return best.witness


def _on(spoken: Language, key: str, networks: Iterable[int], names: Names) -> str:
    called = [network(spoken, asn, names) for asn in networks]
    return spoken.say(key, min(len(called), _MOST_NETWORKS), names=few(spoken, called, most=_MOST_NETWORKS))


def _voters(incident: BlockingIncident, votes: Callable[[Block], int]) -> int:
    """How many there were at least: on each network those of one target, since one session may measure several."""
    most: dict[int, int] = defaultdict(int)
    for block in incident.blocks:
        most[block.asn] = max(most[block.asn], votes(block))
    return sum(most.values())


def _steps(spoken: Language, incident: BlockingIncident, names: Names) -> str:
    """How it was done, in the order it was first seen; empty where nobody knows."""
    stages: list[list[Mechanism]] = []
    last = 0
    for mechanism, first in _first_seen(incident):
        if stages and first - last < _TOGETHER_S:
            stages[-1].append(mechanism)
        else:
            stages.append([mechanism])
            last = first
    told = ""
    for stage in stages:
        step = spoken.listed([_mechanism(spoken, one, incident, names) for one in stage])
        told = spoken.say("how.later", before=told, step=step) if told else step
    return told


def _first_seen(incident: BlockingIncident) -> list[tuple[Mechanism, int]]:
    first: dict[Mechanism, int] = {}
    for means in (means for block in incident.blocks for means in block.means):
        first[means.mechanism] = min(first.get(means.mechanism, means.first), means.first)
    if not first:
        return [(mechanism, incident.onset.at) for mechanism in incident.mechanisms]
    return sorted(first.items(), key=lambda one: (one[1], one[0]))


def _mechanism(spoken: Language, mechanism: Mechanism, incident: BlockingIncident, names: Names) -> str:
    """One mechanism, with the networks it was seen on where these are few."""
    seen = {block.asn for block in incident.blocks if mechanism in {means.mechanism for means in block.means}}
    said = spoken.say(f"mechanism.{mechanism}")
    if not 0 < len(seen) <= _MOST_BESIDE_A_MECHANISM:
        return said
    called = spoken.listed([network(spoken, asn, names) for asn in sorted(seen)])
    return spoken.say("how.on", mechanism=said, names=called)
