import ipaddress

import pytest

from lampwatch.model.errors import UserError
from lampwatch.signals.probing.exclusions import Exclusions, read_exclusions
from tests.signals.probing.scripted import block

LEFT_ALONE = """\
# asked by the university, ticket 12
198.18.1.0/25   # half of a block
198.18.2.17
198.18.16.0/20

2001:db8::/32
"""


def exclusions() -> Exclusions:
    return Exclusions(read_exclusions(LEFT_ALONE, "opt-out.txt"))


def test_addresses_on_the_list_are_taken_out_of_their_block_and_no_others() -> None:
    assert list(exclusions().without(block(1)).octets) == []
    assert 17 not in exclusions().without(block(2)).octets
    assert len(exclusions().without(block(2)).octets) == 39
    assert exclusions().without(block(3)) == block(3)


def test_a_larger_prefix_takes_out_all_blocks_in_it_up_to_its_ends() -> None:
    left = [number for number in range(10, 40) if exclusions().without(block(number)).is_judged]
    assert left == [*range(10, 16), *range(32, 40)]


def test_a_control_is_found_on_the_list() -> None:
    assert exclusions().names("198.18.2.17")
    assert not exclusions().names("198.18.2.18")


def test_remarks_and_ipv6_are_passed_over() -> None:
    assert read_exclusions(LEFT_ALONE, "opt-out.txt")[0] == ipaddress.IPv4Network("198.18.1.0/25")
    assert len(read_exclusions(LEFT_ALONE, "opt-out.txt")) == 3


@pytest.mark.parametrize("line", ["example.org", "198.18.1.300", "198.18.1.0-198.18.2.0", "198.18.1.0/33"])
def test_a_line_that_cannot_be_read_ends_it_all(line: str) -> None:
    with pytest.raises(UserError, match=r"opt-out\.txt line 2: .* is no address or prefix"):
        read_exclusions(f"198.18.1.0/24\n{line}\n", "opt-out.txt")


def test_nothing_excluded_is_nothing_left_alone() -> None:
    assert Exclusions().without(block(1)) == block(1)
