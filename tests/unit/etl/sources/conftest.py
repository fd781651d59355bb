from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import fsspec
import pytest

from enterprise.grid import IntervalGrid
from etl.parsed import LandedFile, Parsed, ReadContext

GOLDEN = Path(__file__).parents[3] / "golden" / "sources"


@pytest.fixture
def read_bytes() -> Callable[..., Parsed]:
    """Land some contents by name and read them: what every reader is tested by."""

    def read(module: Any, settings: Any, contents: Mapping[str, bytes], queues: Mapping[str, Any] | None = None) -> Parsed:
        filesystem = fsspec.filesystem("memory")
        files = []
        for name, content in contents.items():
            path = f"/landing-of-tests/{name}"
            filesystem.pipe_file(path, content)
            files.append(LandedFile("src", f"0123456789abcdef-{name}", path, name, len(content)))
        parsed: Parsed = module.read(
            settings, files, ReadContext(filesystem, "src", IntervalGrid("Europe/Amsterdam", 30), queues or {})
        )
        put_aside = parsed.quarantine.column("landing_file").to_pylist()
        for count in parsed.counts:
            assert count.rows_quarantined == put_aside.count(count.landing_file), "every rejected row has its reason"
        keys = list(
            zip(*(parsed.quarantine.column(name).to_pylist() for name in ("landing_file", "landing_row", "rule")), strict=True)
        )
        assert len(keys) == len(set(keys)), "quarantine is keyed by file, row and rule: nothing is rejected twice"
        return parsed

    return read


@pytest.fixture
def golden() -> Callable[[str], bytes]:
    return lambda name: (GOLDEN / name).read_bytes()
