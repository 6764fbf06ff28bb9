"""A language: its messages, and how it writes numbers, dates and lists.

Messages are gettext's: wording.pot holds them in English, LANGUAGE.po what they are in another language. Each is found
by its context, a key such as `access.now.apparent`. Numbers, months, lists and names of countries are CLDR's, by babel.
"""

import datetime as dt
import gettext
import importlib.resources
import io
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError

_MESSAGES: Final = importlib.resources.files("lampwatch.wording") / "messages"
_SOURCE: Final = "en"
_WRITTEN_AS: Final = {_SOURCE: "en_GB"}
"""Lists and dates as newsrooms outside the United States write them."""
LOCALES: Final = (
    _SOURCE,
    *sorted(name.removesuffix(".po") for one in _MESSAGES.iterdir() if (name := one.name).endswith(".po")),
)
"""The languages there are, by ISO 639-1."""
_PLACE: Final = re.compile(r"\{(\w+)\}")
_LATIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+\-]*")
_RIGHT_TO_LEFT: Final = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_ISOLATE: Final = "\u2068{}\u2069"
"""First-strong isolate: what is in it neither turns what is around it nor is turned by it (UAX 9)."""
_JOINERS: Final = re.compile(r"[^\u200c\u200d]+")
_UNASSIGNED: Final = re.compile("AA|Q[M-Z]|X[A-JL-Z]|ZZ")
"""Codes that ISO 3166-1 leaves to its users, but for Kosovo's: CLDR has names for some, which no reader would know."""
_SPACES: Final = re.compile(r" {2,}")


class Language:
    """How one language says things. messages are its own; source has the same ones in English."""

    def __init__(self, code: str, source: Catalog, messages: gettext.NullTranslations) -> None:
        self.code = code
        self.locale = Locale.parse(_WRITTEN_AS.get(code, code))
        self._right_to_left = self.locale.character_order == "right-to-left"
        self._source = {one.context: one.id for one in source if one.context}
        self._messages = messages
        self._digits = str.maketrans("0123456789%", self.message("digits"))

    def has(self, key: str) -> bool:
        """Whether there is such a message."""
        return key in self._source

    def message(self, key: str, n: int = 1) -> str:
        """The message itself, in the form for so many. Raises KeyError where there is none."""
        found = self._source[key]
        if isinstance(found, str):
            return self._messages.pgettext(key, found)
        one, several = found
        return self._messages.npgettext(key, one, several, n)

    def source(self, key: str) -> str:
        """What the message is in English, by which its places are in order. Raises KeyError where there is none."""
        found = self._source[key]
        return found if isinstance(found, str) else str(found[-1])

    def say(self, key: str, of: int = 1, /, **values: str) -> str:
        """A message with its places filled in; of is what its form goes by. A place may be filled with nothing."""
        template = self.message(key, of)
        if self._right_to_left:
            template = "".join(
                part if part.startswith("{") else _LATIN.sub(lambda word: _ISOLATE.format(word[0]), part)
                for part in re.split(r"(\{\w+\})", template)
            )
        filled = _PLACE.sub(lambda place: values[place[1]], template)
        return _SPACES.sub(" ", filled).strip()

    def name(self, text: str) -> str:
        """A name from outside: on one line, and set apart where it runs the other way than this language."""
        # Persian words are written with joiners, which are neither seen nor a danger.
        plain = " ".join(_JOINERS.sub(lambda part: printable(part[0]), text).split())
        other_way = self._right_to_left or _RIGHT_TO_LEFT.search(plain)
        return _ISOLATE.format(plain) if other_way else plain

    def number(self, value: int) -> str:
        """A whole number."""
        return format_decimal(value, locale=self.locale, numbering_system="default").translate(self._digits)

    def times(self, value: float) -> str:
        """How many times, below ten to a tenth."""
        pattern = "0.0" if value < 10 else "#,##0"  # noqa: PLR2004  two figures are as many as are known
        found = format_decimal(value, pattern, locale=self.locale, numbering_system="default")
        return found.translate(self._digits)

    def percent(self, share: float) -> str:
        """A share of 1, in whole percent."""
        found = format_percent(share, locale=self.locale, numbering_system="default")
        return found.translate(self._digits)

    def listed(self, names: Sequence[str]) -> str:
        """Names as a list, with the language's own `and`."""
        return str(format_list(list(names), style="standard", locale=self.locale))

    def date(self, at: int) -> str:
        """The day (UTC) of a time in seconds since 1970."""
        return self.day(dt.datetime.fromtimestamp(at, tz=dt.UTC).date())

    def day(self, day: dt.date) -> str:
        """A day of the Gregorian calendar."""
        pattern = self.message("date.first_pattern" if day.day == 1 else "date.pattern")
        return format_date(day, pattern, locale=self.locale).translate(self._digits)

    def time(self, at: int) -> str:
        """The time of day (UTC) of a time in seconds since 1970."""
        return self.clock(dt.datetime.fromtimestamp(at, tz=dt.UTC).time())

    def clock(self, time: dt.time) -> str:
        """A time of day, to the minute."""
        return format_time(time, self.message("time.pattern"), locale=self.locale).translate(self._digits)

    def country(self, code: str) -> str:
        """The name of a country (ISO 3166-1 alpha-2); where nobody can know it, its code, named as such."""
        if not self._has_country(code):
            return self.say("country.code", code=self.name(code))
        known = self.locale.territories.get(code)
        return str(_countries(self.code).get("names", {}).get(code, known))

    def in_country(self, code: str) -> str:
        """In a country, as `in the Netherlands`."""
        if not self._has_country(code):
            return self.say("country.code.in", code=self.name(code))
        known = _countries(self.code)
        if whole := known.get("whole", {}).get(code):
            return str(whole)
        groups = known.get("groups", {})
        template = next((one for one, codes in groups.items() if code in codes.split()), known["in"])
        return str(template).replace("{name}", self.country(code))

    def _has_country(self, code: str) -> bool:
        return code in self.locale.territories and not _UNASSIGNED.fullmatch(code)


@cache
def language(locale: str) -> Language:
    """The language of that code (ISO 639-1; a region behind it is let be). Raises UserError where there is none."""
    code = locale.replace("_", "-").split("-")[0].lower()
    if code not in LOCALES:
        raise UserError(
            f"there are no sentences in {printable(locale)!r}; name one of the languages {', '.join(LOCALES)}"
        )
    source = _catalog("wording.pot")
    if code == _SOURCE:
        return Language(code, source, gettext.NullTranslations())
    compiled = io.BytesIO()
    write_mo(compiled, _catalog(f"{code}.po"))
    compiled.seek(0)
    return Language(code, source, gettext.GNUTranslations(compiled))


def _catalog(name: str) -> Catalog:
    with (_MESSAGES / name).open("rb") as file:
        return read_po(file)


@cache
def _countries(code: str) -> Mapping[str, Any]:
    content: dict[str, Any] = tomllib.loads((_MESSAGES / "countries.toml").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = content[code]
    return found
