"""What detection of blocking looks at, for any number of countries."""

from typing import NamedTuple

import pyarrow as pa


class Evidence(NamedTuple):
    """Four tables with the schemas of `formats.vote_tables`, rows in any order.

    histories has the votes of troubled histories: those of one country, target, method and network in which some
    verdict of the window is blocked. coverage tells of the same targets and methods wherever they were measured,
    breadth and presence of the networks.
    """

    histories: pa.Table
    coverage: pa.Table
    breadth: pa.Table
    presence: pa.Table
