import pytest

from lampwatch.model.service import Kind, Service


@pytest.mark.parametrize(("kind", "is_known"), [(Kind.NEWS, True), (Kind.SITE, False), (Kind.PATH, False)])
def test_a_mere_site_and_the_path_are_not_of_the_catalogue(kind: Kind, is_known: bool) -> None:
    assert Service(id="a", name="A", kind=kind, category="").is_in_catalogue is is_known
