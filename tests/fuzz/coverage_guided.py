"""Runs a parser under atheris, which looks for bytes that reach new lines of the parser."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def fuzz(parser: str) -> None:
    """Fuzz a parser with the arguments of the command line, which are libFuzzer's; seeds come from the corpus of bad input.

    Bytes that break it are written to `.leadline/fuzz/`.
    """
    sys.path.insert(0, str(REPOSITORY))
    os.environ["NUMBA_DISABLE_JIT"] = "1"  # machine code cannot be watched line by line: such loops are interpreted here
    import atheris

    with atheris.instrument_imports(include=["etl"]):
        from tests.fuzz.parsers import PARSERS, seeds_of
    artifacts = REPOSITORY / ".leadline" / "fuzz"
    artifacts.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as seeds:
        for number, seed in enumerate(seeds_of(parser)):
            (Path(seeds) / str(number)).write_bytes(seed)
        arguments = [sys.argv[0], seeds, f"-artifact_prefix={artifacts}/{parser}-", "-timeout=60", "-rss_limit_mb=3000"]
        atheris.Setup([*arguments, *sys.argv[1:]], PARSERS[parser])
        atheris.Fuzz()
