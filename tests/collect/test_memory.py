"""Sources far larger than the memory that reading them may take, made as they are read."""

import subprocess
import sys
from typing import Final

import pytest

LIMIT_MB: Final = 120
"""How much reading may add: a few times the largest document, and far under what is read."""
PROGRAM: Final = """
import resource
import sys
import zlib

import zstandard

from lampwatch.collect.documents import Aside, Line, documents
from lampwatch.collect.source import Source
from lampwatch.model.measurement import Reason

MB = 1024 * 1024


class Made:
    def __init__(self, name):
        self.name = name

    def identity(self):
        return ""

    def raw(self):
        line_mb = int(sys.argv[2])
        yield b'{"a":1}' + b"\\n"
        for _ in range(line_mb):
            yield b"x" * MB
        yield b'\\n{"a":3}'

    def chunks(self):
        if self.name.endswith("gz"):
            stream = zlib.compressobj(wbits=31, level=1)
        elif self.name.endswith("zst"):
            stream = zstandard.ZstdCompressor(level=1).compressobj()
        else:
            yield from self.raw()
            return
        for piece in self.raw():
            yield stream.compress(piece)
        yield stream.flush()


name = sys.argv[1]
source = Source(name, name, "", None, Made(name))
list(documents(Source(name, name, "", None, type("Small", (Made,), {"raw": lambda self: iter([b"{}"])})(name))))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = list(documents(source))
added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
assert [item.position for item in found if isinstance(item, Line)] == [1, 3], found
(aside,) = [item.set_aside for item in found if isinstance(item, Aside)]
assert (aside.reason, aside.size) == (Reason.TOO_LARGE, int(sys.argv[2]) * MB), aside
print(added)
"""


@pytest.mark.parametrize(
    ("name", "line_mb"),
    [("x.jsonl", 1000), ("x.jsonl.gz", 200), ("x.jsonl.zst", 1000), ("x.json.gz", 200)],
)
def test_a_line_of_any_size_costs_bounded_memory(name: str, line_mb: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, name, str(line_mb)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < LIMIT_MB
