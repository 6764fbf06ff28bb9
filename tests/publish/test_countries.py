import pytest

from lampwatch.publish.countries import country_name, is_country


@pytest.mark.parametrize(
    ("code", "name"),
    [("KZ", "Kazakhstan"), ("XK", "Kosovo"), ("ZZ", "Country not known"), ("XA", "Country XA")],
)
def test_a_code_becomes_a_name(code: str, name: str) -> None:
    assert country_name(code) == name


def test_only_a_country_s_code_is_one() -> None:
    assert is_country("KZ")
    assert not is_country("ZZ")
    assert not is_country("kz")
