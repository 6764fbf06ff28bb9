import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.entity import Entity, EntityKind

CODES = [
    "VE",
    "VE-B",
    "US-LA",
    "GB-ENG",
    "US-LA/Calcasieu",
    "VE/Bolívar",
    "MM-02/Bago/Bago Town",
    "AS8048",
    "AS8048@VE",
]


@pytest.mark.parametrize("code", [*CODES, "AS8048@VE-B", "AS1@US-LA/Calcasieu", "AS4294967295", "AS", "AS-E"])
def test_a_code_is_read_back_as_it_was_written(code: str) -> None:
    assert Entity.of(code).code == code


@pytest.mark.parametrize(
    ("code", "kind", "country", "within"),
    [
        ("VE", EntityKind.COUNTRY, "VE", ""),
        ("VE-B", EntityKind.REGION, "VE", "VE"),
        ("VE/Bolívar", EntityKind.REGION, "VE", "VE"),
        ("US-LA/Calcasieu", EntityKind.REGION, "US", "US-LA"),
        ("AS8048", EntityKind.NETWORK, "", ""),
        ("AS8048@VE", EntityKind.NETWORK, "VE", "VE"),
        ("AS8048@VE-B", EntityKind.NETWORK, "VE", "VE-B"),
        ("AS1@US-LA/Calcasieu", EntityKind.NETWORK, "US", "US-LA/Calcasieu"),
        ("AS", EntityKind.COUNTRY, "AS", ""),
    ],
)
def test_a_code_tells_its_kind_its_country_and_what_it_lies_in(
    code: str, kind: EntityKind, country: str, within: str
) -> None:
    entity = Entity.of(code)
    assert (entity.kind, entity.country, entity.within) == (kind, country, within)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "V",
        "ve",
        "VEN",
        "VE-",
        "VE-ABCD",
        "VE/",
        "VE//X",
        "VE/a@b",
        "VE/a\n",
        "/X",
        "AS0",
        "AS4294967296",
        "AS1@",
        *["AS01", "AS8048@", "AS8048@ve", "AS8048@AS1", "@VE", "VE ", " VE", "VE\n", "AS\u0661"],
    ],
)
def test_what_is_no_code_is_refused_in_one_line_that_shows_it(code: str) -> None:
    with pytest.raises(ValueError, match="is no entity") as refused:
        Entity.of(code)
    assert len(str(refused.value).splitlines()) == 1
    assert repr(code) in str(refused.value)


@given(st.text(max_size=30) | st.from_regex(r"(AS[0-9]{1,11}@?)?([A-Z]{2}(-[A-Z0-9]{1,4})?(/.{0,5})*)?"))
def test_any_text_is_a_code_that_is_read_back_or_refused(code: str) -> None:
    try:
        entity = Entity.of(code)
    except ValueError:
        return
    assert Entity.of(entity.code) == entity
    assert entity.code == code
