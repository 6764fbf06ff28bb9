import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.formats.places import country_code, place_name, region_code, region_place
from lampwatch.model.entity import Entity, EntityKind

COUNTRIES = [country.alpha_2 for country in pycountry.countries]
names = st.text(max_size=20)


@pytest.mark.parametrize("key", ["name", "common_name", "official_name", "alpha_2", "alpha_3"])
def test_each_country_is_known_by_each_name_that_iso_has_for_it(key: str) -> None:
    named = {
        getattr(country, key): country.alpha_2 for country in pycountry.countries if hasattr(country, key)
    }
    assert {name: country_code(name) for name in named} == named


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("kazakhstan", "KZ"),
        ("CÔTE D\u2019IVOIRE", "CI"),
        ("Cote d'Ivoire", "CI"),
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("Myanmar (Burma)", "MM"),
        ("Congo (Kinshasa)", "CD"),
        ("Congo (Brazzaville)", "CG"),
        ("Congo", "CG"),
        ("Iran (Islamic Republic of)", "IR"),
        ("North Korea", "KP"),
        ("Kosovo", "XK"),
        ("XK", "XK"),
        ("uk", "GB"),
    ],
)
def test_a_country_is_known_by_names_that_others_write(name: str, code: str) -> None:
    assert country_code(name) == code


@pytest.mark.parametrize("name", ["", " ", "(", ")", "()", "Korea", "Atlantis", "Россия", "??", "World"])
def test_what_names_no_country_or_more_than_one_is_none(name: str) -> None:
    assert country_code(name) == ""


@pytest.mark.parametrize("country", ["US", "MM", "VE", "IN", "RU", "PL", "IR"])
def test_each_region_is_known_by_its_name_and_its_code(country: str) -> None:
    regions = pycountry.subdivisions.get(country_code=country)  # type: ignore[no-untyped-call]  # as in pycountry
    assert [r.code for r in regions if region_code(country, r.code) != r.code] == []
    assert [r.name for r in regions if not region_code(country, r.name).startswith(country + "-")] == []


@pytest.mark.parametrize(
    ("country", "name", "code"),
    [
        ("MM", "Bago Region", "MM-02"),
        ("VE", "Bolivar", "VE-F"),
        ("AO", "Luanda Province", "AO-LUA"),
        ("US", "us-la", "US-LA"),
        ("PL", "ŁÓDZKIE", "PL-10"),
        ("US", "Calcasieu", ""),
        ("US", "", ""),
        ("RU", "Москва", ""),
        ("UA", "Kyiv", "UA-30"),
        ("UA", "Kyiv Oblast", "UA-32"),
        ("UA", "Kharkiv Oblast", "UA-63"),
        ("KZ", "Almaty", "KZ-75"),
        ("KZ", "Almaty Region", "KZ-19"),
        ("KG", "Osh Region", "KG-O"),
        ("UA", "Oblast", ""),
        ("RU", "Oblast of K", ""),
        ("ZZ", "Bago", ""),
    ],
)
def test_a_region_is_looked_up_within_its_country_without_its_kind(
    country: str, name: str, code: str
) -> None:
    assert region_code(country, name) == code


@pytest.mark.parametrize(
    ("given_names", "place"),
    [
        (("US", "Louisiana", "Calcasieu"), "US-LA/Calcasieu"),
        (("VE", "Nowhere"), "VE/Nowhere"),
        (("US", "Nowhere", "Louisiana"), "US/Nowhere/Louisiana"),
        (("US", "", "Louisiana"), "US-LA"),
        (("US", "a/b@c"), "US/a b c"),
        (("US", "Cal\x00ca\nsieu"), "US/Cal ca sieu"),
        (("US", " \t"), "US"),
    ],
)
def test_a_place_is_coded_as_far_as_there_are_codes_and_named_from_there_on(
    given_names: tuple[str, ...], place: str
) -> None:
    assert region_place(*given_names) == place


@given(st.sampled_from(COUNTRIES), st.lists(names, max_size=3))
def test_whatever_the_names_a_place_is_an_entity_of_its_country(country: str, within: list[str]) -> None:
    entity = Entity.of(region_place(country, *within))
    assert entity.country == country
    assert entity.kind is not EntityKind.NETWORK


@given(names)
def test_any_text_is_a_country_s_code_or_none(name: str) -> None:
    assert country_code(name) in {"", "XK", *COUNTRIES}


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("VE", "Venezuela"),
        ("VE-B", "Anzoátegui"),
        ("US-LA/Calcasieu", "Calcasieu"),
        ("ZZ", "ZZ"),
        ("ZZ-Q", "ZZ-Q"),
    ],
)
def test_a_place_has_the_name_that_people_call_it(place: str, name: str) -> None:
    assert place_name(place) == name
