import pytest

from lampwatch.detect.connectivity.traits import TRAITS
from lampwatch.model.series import Family


@pytest.mark.parametrize("family", Family)
def test_every_family_is_known_and_believed_within_reason(family: Family) -> None:
    trait = TRAITS[family]
    assert 0 < trait.drop < 1
    assert trait.surge >= 0
    assert trait.floor > 0
    assert 0 < trait.reliability < 1


def test_measurement_volume_is_believed_least() -> None:
    assert min(TRAITS, key=lambda family: TRAITS[family].reliability) is Family.MEASUREMENTS
