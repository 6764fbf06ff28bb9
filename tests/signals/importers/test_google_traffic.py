"""Google's traffic, in the shapes it is saved in."""

import pytest

from lampwatch.model.series import Family, Quantity
from tests.signals.reading import brought, recognised_as


def test_a_file_without_a_header_is_named_after_its_product_and_its_folder() -> None:
    found = brought(
        "2019-06-01T00:00:00,0.53\n2019-06-01T00:30:00,0.51\nsoon,1\n", "traffic/SD/WEB_SEARCH.csv"
    )
    assert found.points("SD:google:web-search") == [("2019-06-01 00:00", 0.53), ("2019-06-01 00:30", 0.51)]
    header = found.header("SD:google:web-search")
    assert (header.family, header.quantity, header.resolution_s) == (Family.TRAFFIC, Quantity.LEVEL, 1800)
    assert found.lines == [3]


def test_products_are_columns() -> None:
    found = brought("timestamp,WEB_SEARCH,YOUTUBE\n1559347200,0.5,\n1559350800,0.4,0.3\n", "sudan.csv")
    assert found.values("SD:google:web-search") == [0.5, 0.4]
    assert found.values("SD:google:youtube") == [None, 0.3]


def test_products_and_countries_are_cells() -> None:
    table = "date,country,product,value\n2019-06-01,SD,YouTube,0.5\n2019-06-01,TD,YouTube,0.25\n2019-06-02,SD,Gmail,1\n"
    found = brought(table, "all.csv")
    assert {name: found.values(name) for name in found.series} == {
        "SD:google:youtube": [0.5],
        "TD:google:youtube": [0.25],
        "SD:google:gmail": [1],
    }


def test_countries_are_columns() -> None:
    found = brought("timestamp,SD,TD,IR\n2019-06-01,1,2,3\n", "youtube.csv", "google-traffic")
    assert found.values("IR:google:youtube") == [3]


@pytest.mark.parametrize(
    ("table", "name"),
    [("time,value\n", "google_traffic_iran.csv"), ("2019-06-01T00:00:00,0.53\n", "SD/YOUTUBE.csv")],
)
def test_a_file_s_name_tells(table: str, name: str) -> None:
    assert recognised_as(table, name) == "google-traffic"
