"""What holds for every language: nothing is missing, verbs are locked, and nobody is accused."""

import re
import tomllib

import pycountry
import pytest
from babel import Locale
from babel.messages.catalog import Message

from lampwatch.model.incident import Level
from lampwatch.wording.language import _MESSAGES, LOCALES, _catalog, language

TRANSLATIONS = [locale for locale in LOCALES if locale != "en"]
SOURCE = _catalog("wording.pot")
KEYS = [str(one.context) for one in SOURCE if one.id]
PLACE = re.compile(r"\{(\w+)\}")
COUNTS = {"n", "m"}
"""A form for one or two may do without its count: `the only network`."""
IN_A_PLACE = {"place", "Place", "in_place", "In_place"}
"""A language uses the one that suits it."""
LEVELS = [level.name.lower() for level in Level]
ACTORS = {
    "en": "government authorit ministr regulator police army president order provider operator state-run regime",
    "ru": "правительств власт министерств регулятор полици арми президент приказ провайдер оператор роскомнадзор",
    "kk": "үкімет билік министрлік реттеуші полиция әскер президент бұйры провайдер оператор",
    "de": "regierung behörde minister regulier polizei armee präsident befehl anordnung anbieter betreiber",
    "fr": "gouvernement autorité ministère régulateur police armée président ordre fournisseur opérateur",
    "es": "gobierno autoridad ministerio regulador policía ejército presidente orden proveedor operador",
    "fa": "حکومت دولت مقامات وزارت پلیس ارتش رئیس‌جمهور دستور اپراتور ارائه‌دهنده",
    "ar": "حكوم سلطات وزارة شرطة جيش رئيس أمر مزود مشغل",
    "my": "အစိုးရ အာဏာပိုင် ဝန်ကြီး ရဲ စစ်တပ် သမ္မတ အမိန့် အော်ပရေတာ",
}
"""Beginnings of words for those who could be accused."""
WELL = {
    "en": "works available open normal reachable fine",
    "ru": "работает доступен открыт нормальн",
    "kk": "жұмыс істейді қолжетімді ашық қалыпты",
    "de": "funktioniert verfügbar offen normal erreichbar",
    "fr": "fonctionne disponible ouvert normal accessible",
    "es": "funciona disponible abierto normal accesible",
    "fa": "عادی برقرار",
    "ar": "طبيعي متاح مفتوح يعمل",
    "my": "ပုံမှန် ကောင်းမွန် ရရှိနိုင်",
}
"""Words that would read as if all were well."""


def each(said: str | tuple[str, ...] | list[str] | None) -> list[str]:
    return [said] if isinstance(said, str) else list(said or ())


def forms(message: Message) -> list[str]:
    """What a translated message says, in each of its forms."""
    return each(message.string)


def messages(locale: str) -> dict[str, list[str]]:
    """What all messages say in a language, by their keys."""
    if locale == "en":
        return {str(one.context): each(one.id) for one in SOURCE if one.id}
    return {str(one.context): forms(one) for one in _catalog(f"{locale}.po") if one.id}


@pytest.mark.parametrize("locale", TRANSLATIONS)
def test_each_message_is_there_and_none_is_left_over(locale: str) -> None:
    known = {(one.context, one.id) for one in SOURCE if one.id}
    assert {(one.context, one.id) for one in _catalog(f"{locale}.po") if one.id} == known


@pytest.mark.parametrize("locale", TRANSLATIONS)
def test_no_message_is_empty_doubtful_or_obsolete(locale: str) -> None:
    catalog = _catalog(f"{locale}.po")
    assert [one.context for one in catalog if one.id and (one.fuzzy or not all(forms(one)))] == []
    assert list(catalog.obsolete) == []


@pytest.mark.parametrize("locale", TRANSLATIONS)
def test_each_plural_has_every_form_its_language_needs(locale: str) -> None:
    catalog = _catalog(f"{locale}.po")
    rule = Locale.parse(locale).plural_form
    # French and Spanish have a form for whole millions, which nobody counts networks by.
    categories = {rule(n) for n in range(1000)}
    assert catalog.num_plurals == len(categories)
    short = [
        one.context
        for one in catalog
        if one.id and not isinstance(one.id, str) and len(forms(one)) != len(categories)
    ]
    assert short == []


@pytest.mark.parametrize("locale", TRANSLATIONS)
def test_forms_are_chosen_as_the_language_counts(locale: str) -> None:
    made, rule = language(locale), Locale.parse(locale).plural_form
    key = "again.every" if locale != "fr" else "category.NEWS"
    chosen: dict[str, set[str]] = {}
    for n in range(1, 1000):
        chosen.setdefault(rule(n), set()).add(made.message(key, n))
    assert {category for category, texts in chosen.items() if len(texts) != 1} == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_each_message_has_its_places_and_no_other(locale: str) -> None:
    wrong = []
    for key, texts in messages(locale).items():
        english = set(PLACE.findall(" ".join(messages("en")[key])))
        for number, text in enumerate(texts):
            found = set(PLACE.findall(text))
            may_miss = COUNTS if len(texts) > 1 and number < len(texts) - 1 else set()
            in_place = bool(english & IN_A_PLACE)
            missing = english - found - may_miss - IN_A_PLACE
            if missing or found - english - IN_A_PLACE or in_place != (len(found & IN_A_PLACE) == 1):
                wrong.append((key, number, text))
    assert wrong == []


@pytest.mark.parametrize("locale", LOCALES)
def test_each_statement_holds_the_verb_of_its_level_and_of_no_other(locale: str) -> None:
    made = messages(locale)
    verbs = {level: made[f"level.{level}"][0] for level in LEVELS}
    assert len({*verbs.values()}) == len(LEVELS)
    wrong = [
        (key, text)
        for key, texts in made.items()
        if key.rpartition(".")[2] in LEVELS and not key.startswith("level.")
        for text in texts
        if {level for level, verb in verbs.items() if verb.lower() in text.lower()}
        != {key.rpartition(".")[2]}
    ]
    assert wrong == []


def test_the_english_verbs_are_those_of_the_levels() -> None:
    said = {level: messages("en")[f"access.now.{level}"][0] for level in LEVELS}
    verbs = ("is reported to be", "shows signs of", "apparently", "is very likely", "confirmed")
    assert [verb in said[level] for level, verb in zip(LEVELS, verbs, strict=True)] == [True] * 5


@pytest.mark.parametrize("locale", LOCALES)
def test_no_message_can_accuse_anybody(locale: str) -> None:
    accusing = [
        (key, actor)
        for key, texts in messages(locale).items()
        if not key.startswith("category.")  # these are what is blocked, and nobody who blocks
        for actor in ACTORS[locale].split()
        if re.search(rf"(?<!\w){re.escape(actor)}", " ".join(texts), re.IGNORECASE)
    ]
    assert accusing == []


@pytest.mark.parametrize("locale", LOCALES)
def test_too_little_measured_never_reads_as_well(locale: str) -> None:
    made = messages(locale)
    texts = " ".join([*made["insufficient.access"], *made["insufficient.cut"]]).lower()
    assert [word for word in WELL[locale].split() if word in texts] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_each_language_names_utc_with_each_time(locale: str) -> None:
    made = messages(locale)
    timed = [
        key
        for key in (
            "moment",
            *(f"{lead}.{how}" for lead in ("since", "from", "to") for how in ("hours", "about")),
            "on.hours",
            "on.about",
        )
        if "UTC" not in made[key][0]
    ]
    assert timed == []
    assert "UTC" not in made["day"][0]


@pytest.mark.parametrize("locale", LOCALES)
def test_each_country_has_a_name_and_a_place_to_be_in(locale: str) -> None:
    made = language(locale)
    codes = [country.alpha_2 for country in pycountry.countries] + ["XK"]
    assert [code for code in codes if made.country(code) == code] == []
    assert [code for code in codes if "{" in made.in_country(code)] == []
    assert len({made.in_country(code) for code in codes}) == len(codes)


def test_a_country_is_grouped_once_and_exists() -> None:
    content = tomllib.loads((_MESSAGES / "countries.toml").read_text(encoding="utf-8"))
    assert set(content) == set(LOCALES)
    known = {country.alpha_2 for country in pycountry.countries} | {"XK"}
    for locale, of in content.items():
        grouped = [code for codes in of.get("groups", {}).values() for code in codes.split()]
        listed = [*grouped, *of.get("whole", {})]
        assert len(listed) == len(set(listed)), locale
        assert {*listed, *of.get("names", {})} <= known, locale


def test_all_russian_countries_are_declined() -> None:
    content = tomllib.loads((_MESSAGES / "countries.toml").read_text(encoding="utf-8"))
    known = {country.alpha_2 for country in pycountry.countries} | {"XK"}
    assert known - set(content["ru"]["whole"]) == set()
