"""Looks for documents on which Lampwatch fails: `python -m bench fuzz`, or `… --guided` with atheris.

Every input goes through the very kernel that `ingest` uses, with references of every kind. Without --guided, N
documents are mutated by the mutations of tests/fuzz, on all cores; the same seed gives the same documents. Guided by
coverage, atheris takes the same mutations and its own on the bytes, and keeps what leads to code not seen before.
The first input that breaks a promise is saved in the folder of --save, and the exit status is 1.
"""

import argparse
import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random

try:
    import atheris  # type: ignore[import-untyped]  # it ships no types
except ImportError:
    atheris = None  # it exists for Linux on x86-64 only, and only --guided needs it

_GUIDED: AbstractContextManager[object] = (
    atheris.instrument_imports(include=["lampwatch"])
    if atheris is not None and "--guided" in sys.argv
    else nullcontext()
)
# Code is made to report its coverage while it is imported: nothing of lampwatch may be imported before.
with _GUIDED:
    from lampwatch.pipeline.kernel import Kernel
    from lampwatch.pipeline.methods import discover
    from tests.fuzz import target
    from tests.fuzz.documents import found, small
    from tests.fuzz.mutations import mutated

    discover()

BATCH = 64
SHARE = 1000
"""Inputs of one task: small enough that all cores end together."""
OWN_MUTATIONS = 0.85
"""How many of the guided inputs come from the mutations of tests/fuzz; the others from libFuzzer's, on bytes."""


def saved(folder: Path, raws: Sequence[bytes], what: str) -> str:
    """Keep inputs that break a promise, one a file, and say so in one line."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"broken-{hashlib.sha256(raw).hexdigest()[:16]}.json" for raw in raws]
    for file, raw in zip(files, raws, strict=True):
        file.write_bytes(raw)
    return f"{what}: {', '.join(map(str, files))}"


@cache
def ready(paths: tuple[Path, ...]) -> tuple[Kernel, list[bytes]]:
    """The kernel of this process, and what it mutates."""
    # Kept open as long as the process runs: the kernel reads its references from there.
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder)
    return target.kernel(Path(folder)), small() + found(paths)


def share(seed: int, count: int, paths: tuple[Path, ...], save: Path) -> tuple[Counter[str], str]:
    """Run one share of random mutations: what became of them, and what broke, empty where nothing did."""
    random = Random(seed)
    kernel, documents = ready(paths)
    done: Counter[str] = Counter()
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        raws = [mutated(random.choice(documents), documents, random) for _ in range(size)]
        try:
            done += target.outcomes(kernel, raws)
        except target.BrokenPromiseError as broken:
            return done, saved(save, broken.raws, str(broken))
    return done, ""


def show(done: Counter[str], broken: int) -> None:
    """Say what became of the inputs."""
    for outcome, count in done.most_common():
        print(f"  {count:>9,}  {outcome}")
    print(f"  {broken:>9,}  exceptions, internal errors or broken tables", flush=True)


def mutated_tree(raw: bytes, documents: Sequence[bytes], random: Random) -> bytes | None:
    """An input of the corpus with its tree mutated; None where it has none, or one too deep to go through."""
    try:
        return mutated(raw, documents, random)
    except (ValueError, RecursionError):
        return None


def mutate(args: argparse.Namespace) -> int:
    """Run exactly args.runs random mutations."""
    began = time.perf_counter()
    sizes = [min(SHARE, args.runs - start) for start in range(0, args.runs, SHARE)]
    done: Counter[str] = Counter()
    broken: list[str] = []
    with ProcessPoolExecutor(args.workers, mp_context=get_context("spawn")) as pool:
        tasks = [
            pool.submit(share, args.seed * 1_000_000 + n, size, tuple(args.files), args.save)
            for n, size in enumerate(sizes)
        ]
        for task in tasks:
            outcomes, what = task.result()
            done += outcomes
            if what and what not in broken:
                broken.append(what)
    took = time.perf_counter() - began
    print(f"{done.total():,} inputs in {took:.0f} s ({done.total() / took:,.0f}/s), seed {args.seed}")
    show(done, len(broken))
    for what in broken:
        print(what, file=sys.stderr)
    return 1 if broken else 0


def guide(args: argparse.Namespace) -> int:
    """Run args.runs inputs guided by coverage; ends the process itself where a promise is broken."""
    kernel, documents = ready(tuple(args.files))
    done: Counter[str] = Counter()
    found_broken: list[str] = []

    def one(raw: bytes) -> None:
        try:
            done.update(target.outcomes(kernel, [raw]))
        except target.BrokenPromiseError as broken:
            found_broken.append(saved(args.save, broken.raws, str(broken)))
            print(found_broken[-1], file=sys.stderr, flush=True)
            raise

    def mutator(raw: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        made = mutated_tree(raw, documents, random) if random.random() < OWN_MUTATIONS else None
        changed: bytes = atheris.Mutate(raw, most) if made is None else made[:most]
        return changed

    def report() -> None:
        print(f"{done.total():,} inputs, guided by coverage")
        show(done, len(found_broken))

    with tempfile.TemporaryDirectory() as folder:
        for n, raw in enumerate(documents):
            (Path(folder) / f"{n}.json").write_bytes(raw)
        flags = [f"-atheris_runs={args.runs}", f"-seed={args.seed + 1}", "-max_len=400000", "-timeout=60"]
        flags += [f"-artifact_prefix={args.save}/", "-print_final_stats=1", "-rss_limit_mb=0", folder]
        args.save.mkdir(parents=True, exist_ok=True)
        atheris.Setup([sys.argv[0], *flags], one, custom_mutator=mutator)
        # Fuzz never returns: libFuzzer ends the process.
        atexit.register(report)
        atheris.Fuzz()
    return 0


def main() -> int:
    """Run from the command line: 0 where every promise held, 1 where not."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILES", help="measurements to begin from, and folders"
    )
    parser.add_argument("--runs", type=int, default=100_000, help="inputs to try (default: 100000)")
    parser.add_argument("--seed", type=int, default=0, help="which inputs (default: 0)")
    parser.add_argument("--guided", action="store_true", help="let coverage lead, with atheris, on one core")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)"
    )
    parser.add_argument("--save", type=Path, default=Path("fuzz-findings"), help="where to keep what broke")
    args = parser.parse_args()
    if args.guided and atheris is None:
        print(
            "lampwatch: atheris is not installed (it exists for Linux on x86-64); leave --guided out",
            file=sys.stderr,
        )
        return 2
    return guide(args) if args.guided else mutate(args)


if __name__ == "__main__":
    sys.exit(main())
