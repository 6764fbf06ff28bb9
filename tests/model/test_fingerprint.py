import pytest

from lampwatch.model.fingerprint import Fingerprint, Pattern, Scope


def served_by(scope: Scope, *countries: str) -> Fingerprint:
    return Fingerprint("n", scope, "body", Pattern.CONTAINS, "p", 5, frozenset(countries))


@pytest.mark.parametrize("scope", Scope)
def test_only_a_state_s_or_a_provider_s_page_confirms(scope: Scope) -> None:
    assert served_by(scope).confirms_in("KZ") is (scope in {"nat", "isp"})


@pytest.mark.parametrize("scope", Scope)
def test_an_institution_s_or_a_product_s_page_blocks_without_confirming(scope: Scope) -> None:
    assert served_by(scope).blocks is (scope in {"nat", "isp", "inst", "prod"})


@pytest.mark.parametrize("scope", Scope)
def test_what_neither_blocks_nor_absolves_is_vague(scope: Scope) -> None:
    found = served_by(scope)
    assert (not found.blocks and not found.absolves) is (scope == "vbw")


def test_nothing_both_blocks_and_absolves() -> None:
    assert [s for s in Scope if served_by(s).blocks and served_by(s).absolves] == []


def test_a_page_of_another_country_confirms_nothing_here() -> None:
    found = served_by(Scope.NAT, "RU", "BY")
    assert (found.confirms_in("KZ"), found.confirms_in("BY")) == (False, True)


def test_a_probe_whose_country_is_unknown_confirms_no_country_s_page() -> None:
    assert not served_by(Scope.ISP, "RU").confirms_in("ZZ")
