"""Runs the benchmarks: `python -m bench`, or `python -m bench NAME ARGUMENTS`.

Without a name it lists them, and times reading and judging on the lab recording that ships with Lampwatch.
"""

import ast
import os
import subprocess
import sys
from pathlib import Path

import lampwatch

BENCH = Path(__file__).resolve().parent
EXAMPLE = Path(lampwatch.__path__[0]) / "cli" / "example.jsonl.zst"
FIRST = "observe"


def benchmarks() -> dict[str, Path]:
    """Every benchmark by its name."""
    files = {file.stem: file for file in BENCH.glob("*.py") if not file.stem.startswith("_")}
    folders = {file.parent.name: file for file in BENCH.glob("*/__main__.py")}
    return dict(sorted((files | folders).items()))


def promise(file: Path) -> str:
    """The first line of a benchmark's docstring."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


def run(file: Path, arguments: list[str]) -> int:
    """Run one benchmark in a process of its own, and give its exit status."""
    # A process of its own, because a benchmark measures its own memory and starts workers that import it.
    paths = [str(BENCH.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run([sys.executable, str(file), *arguments], env=environment, check=False).returncode


def main(arguments: list[str]) -> int:
    """Run from the command line: a benchmark's own exit status, 2 where there is none of that name."""
    known = benchmarks()
    if not arguments:
        for name, file in known.items():
            print(f"{name:10} {promise(file)}")
        print(flush=True)
        return run(known[FIRST], [str(EXAMPLE)])
    name, *others = arguments
    if name not in known:
        print(f"lampwatch: there is no benchmark {name!r}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    return run(known[name], others)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
