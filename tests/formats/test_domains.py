import pytest

from lampwatch.formats.domains import site_of


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("a.b.example.kz", "example.kz"),
        ("diary.blogspot.com", "diary.blogspot.com"),
        ("blogspot.com", "blogspot.com"),
        ("com", "com"),
        ("telegram", "telegram"),
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_site_of_a_host_is_its_registrable_domain(host: str, site: str) -> None:
    assert site_of(host) == site


@pytest.mark.parametrize("host", ["", ".", "..", "a..b", ".a", "x" * 5000, "a." * 2000, "\x00.kz"])
def test_what_is_no_host_name_is_borne(host: str) -> None:
    assert isinstance(site_of(host), str)
