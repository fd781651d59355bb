"""Runs a parser under atheris, which looks for bytes that reach new lines of the parser."""

from __future__ import annotations

import os
import random
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def fuzz(parser: str) -> None:
    """Fuzz a parser with the arguments of the command line, which are libFuzzer's; seeds come from the corpus of bad input.

    A folder among the arguments keeps what reaches new lines, for the next run to begin with. Bytes that break the parser are
    written to `.leadline/fuzz/`. Half of all changes keep the form of the file, half are libFuzzer's own, of bytes.
    """
    sys.path.insert(0, str(REPOSITORY))
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # machine code cannot be watched line by line: such loops are interpreted here
    import atheris

    with atheris.instrument_imports(include=["etl"]):
        from tests.fuzz.mutations import mutation
        from tests.fuzz.parsers import PARSERS, seeds_of
    known = seeds_of(parser)

    def changed(content: bytes, longest: int, seed: int) -> bytes:
        state = random.Random(seed)  # noqa: S311 - nothing secret is chosen
        other = mutation(content, state, known) if state.random() < 0.5 else content
        if other == content or len(other) > longest:
            return bytes(atheris.Mutate(content, longest))
        return other

    artifacts = REPOSITORY / ".leadline" / "fuzz"
    artifacts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as seeds:
        for number, seed in enumerate(known):
            (Path(seeds) / str(number)).write_bytes(seed)
        arguments = [seeds, f"-artifact_prefix={artifacts}/{parser}-", "-timeout=60", "-rss_limit_mb=3000"]
        atheris.Setup([sys.argv[0], *sys.argv[1:], *arguments], PARSERS[parser], custom_mutator=changed)
        atheris.Fuzz()
