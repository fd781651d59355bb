"""Fuzz the parser mapped_written: .venv/bin/python tests/fuzz/fuzz_mapped_written.py -max_total_time=60."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fuzz.coverage_guided import fuzz

if __name__ == "__main__":
    fuzz("mapped_written")
