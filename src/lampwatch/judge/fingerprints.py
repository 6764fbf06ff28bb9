"""Known block pages and injected answers, found in time linear in the text: the patterns are other people's."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import re2  # type: ignore[import-untyped]  # google-re2 ships no types

from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope

MAX_BODY: Final = 512 * 1024
"""Characters of a body that are searched; block pages are small, and a hostile page must not cost without bound."""
MAX_HEADER: Final = 16 * 1024
"""Characters of a header's value that are searched."""
AUTOMATON_BYTES: Final = 64 * 1024 * 1024
"""What RE2 may use for one set of patterns; a set that needs more is halved."""

_RANK: Final = {scope: n for n, scope in enumerate(Scope)}
_SENTINEL: Final = "lampwatch sentinel"


class KnownPages:
    """Recognises fingerprints in DNS answers and in responses. Holds no state between calls; can be pickled.

    Of several matches one is given: what confirms censorship in the probe's country (nat, isp), else what shows
    blocking (inst, prod; then what belongs to another country), else what absolves (prov, injb, fp), else vague words
    (vbw); among equals the higher confidence, then the scope in the order of Scope, then the name. So the same facts
    always give the same fingerprint, and a vague word never hides a better one.

    unusable are fingerprints that RE2 cannot hold in AUTOMATON_BYTES even alone; they are never matched.
    """

    def __init__(self, fingerprints: Iterable[Fingerprint], version: str) -> None:
        self._fingerprints = tuple(sorted(set(fingerprints), key=_order))
        self._version = version
        self._answers: dict[str, list[Fingerprint]] = {}
        by_location: dict[str, list[Fingerprint]] = {}
        for fingerprint in self._fingerprints:
            if fingerprint.location == "dns":
                self._answers.setdefault(fingerprint.pattern, []).append(fingerprint)
            else:
                by_location.setdefault(fingerprint.location, []).append(fingerprint)
        self._body = _Patterns(by_location.pop("body", ()))
        self._headers = {
            location.removeprefix("header."): _Patterns(found) for location, found in by_location.items()
        }
        everywhere = (self._body, *self._headers.values())
        self.unusable = tuple(f for patterns in everywhere for f in patterns.unusable)

    def __reduce__(self) -> tuple[type["KnownPages"], tuple[tuple[Fingerprint, ...], str]]:
        return KnownPages, (self._fingerprints, self._version)

    @property
    def version(self) -> str:
        """The snapshot's name, as verdicts cite it."""
        return self._version

    def in_answers(self, answers: Sequence[str], country: str) -> Fingerprint | None:
        """The preferred known injected address among DNS answers, for a probe in this country."""
        known = self._answers
        found = [f for answer in answers if answer in known for f in known[answer]]
        return _preferred(found, country)

    def in_page(self, headers: Mapping[str, str], title: str, body: str, country: str) -> Fingerprint | None:
        """The preferred known block page that a response matches, for a probe in this country.

        headers map lower-case names to values. Where there is no body, its title stands for it.
        """
        found: list[Fingerprint] = []
        for name, patterns in self._headers.items():
            value = headers.get(name)
            if value:
                found += patterns.in_text(value[:MAX_HEADER])
        text = body[:MAX_BODY] if body else f"<title>{title[:MAX_HEADER]}</title>" if title else ""
        if text:
            found += self._body.in_text(text)
        return _preferred(found, country)


class _Patterns:
    """All patterns of one place in the response, searched for at once."""

    def __init__(self, fingerprints: Sequence[Fingerprint]) -> None:
        self._sets: list[tuple[re2.Set, Sequence[Fingerprint]]] = []
        self.unusable: list[Fingerprint] = []
        if fingerprints:
            self._add(fingerprints)

    def _add(self, fingerprints: Sequence[Fingerprint]) -> None:
        compiled = _compiled(fingerprints)
        if compiled is not None:
            self._sets.append((compiled, fingerprints))
        elif len(fingerprints) == 1:
            self.unusable.extend(fingerprints)
        else:
            half = len(fingerprints) // 2
            self._add(fingerprints[:half])
            self._add(fingerprints[half:])

    def in_text(self, text: str) -> list[Fingerprint]:
        # A lone surrogate, which JSON can name, is no character: it must not stop the search.
        encoded = text.encode("utf-8", "replace")
        return [
            fingerprints[n]
            for compiled, fingerprints in self._sets
            for n in compiled.Match(encoded) or ()
            if n < len(fingerprints)  # the sentinel is the last pattern of a set, and no fingerprint
        ]


def _compiled(fingerprints: Sequence[Fingerprint]) -> re2.Set | None:
    """One automaton for all patterns, or None where it does not fit into the memory allowed."""
    options = re2.Options()
    options.max_mem = AUTOMATON_BYTES
    options.dot_nl = True  # the lists' expressions span lines, as OONI's own matcher reads them
    options.never_capture = True
    options.log_errors = False
    automaton = re2.Set.SearchSet(options)
    try:
        for fingerprint in fingerprints:
            automaton.Add(_expression(fingerprint))
        # RE2 answers "no match" when a search runs out of memory. A set too large for its memory does so on every
        # text, hence on one that is known to match.
        sentinel = automaton.Add(f"{_SENTINEL}\\z")
        automaton.Compile()
    except re2.error:
        return None
    return automaton if sentinel in (automaton.Match(_SENTINEL) or ()) else None


def _expression(fingerprint: Fingerprint) -> str:
    if fingerprint.pattern_type is Pattern.REGEXP:
        return fingerprint.pattern
    literal: str = re2.escape(fingerprint.pattern)
    match fingerprint.pattern_type:
        case Pattern.FULL:
            return rf"\A{literal}\z"
        case Pattern.PREFIX:
            return rf"\A{literal}"
        case _:
            return literal


def _preferred(found: Sequence[Fingerprint], country: str) -> Fingerprint | None:
    return min(found, key=lambda f: (_weakness(f, country), _order(f))) if found else None


def _weakness(fingerprint: Fingerprint, country: str) -> int:
    if fingerprint.confirms_in(country):
        return 0
    if fingerprint.blocks:
        return 1 if fingerprint.expected_in(country) else 2
    return 3 if fingerprint.absolves else 4


def _order(fingerprint: Fingerprint) -> tuple[int, int, str, str, str, str, list[str]]:
    return (
        -fingerprint.confidence,
        _RANK[fingerprint.scope],
        fingerprint.name,
        fingerprint.location,
        fingerprint.pattern_type,
        fingerprint.pattern,
        sorted(fingerprint.countries),
    )
