"""How good detection is, on real series with labelled events, beside what others do. `--write` puts it into detect.md.

`python -m bench detect [--write] [--shared FOLDER]`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench.backtests import backtests, report, shared_folder

WRITTEN: Final = Path(__file__).resolve().with_suffix(".md")

_HEAD: Final = """\
# Detection, measured

Made by `python -m bench detect --write`. Labels, with their sources, are in `bench/labels/`; the baselines, with
theirs, in `bench/baselines/`. Intervals are of 95 %: Wilson's for shares, Garwood's for rates.

- recall: labelled events of which at least one incident was told before they were over.
- unlabelled a year: incidents that meet no label, in so many entity-years. No list of labels is complete, so at most so
  many are false.
- delay: from the labelled begin to the first alert, in bins, median and nine of ten. Daily data begin with the day, so
  one bin is the least. Below zero, the series moved first.
- in one incident, in any: the mean share of the labelled time that the best incident, or all together, cover.
- incidents a label: into how many pieces it broke.
"""


def document(arguments: Sequence[str]) -> str:
    """The page, measured now."""
    results = list(backtests(shared_folder(arguments)))
    return "\n".join([_HEAD, *report(results), ""])


def main(arguments: Sequence[str]) -> int:
    """Print the page, or write it where it belongs."""
    page = document(arguments)
    if "--write" in arguments:
        WRITTEN.write_text(page, encoding="utf-8")
    else:
        print(page)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
