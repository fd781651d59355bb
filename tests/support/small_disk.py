"""A disk that a test can really fill."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(megabytes: int, user: int = 0, group: int = 0) -> Iterator[Path]:
    """A file system of that size; skips where this account may not mount one.

    Args:
        megabytes: its size.
        user: whom it belongs to.
        group: their group.
    """
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small file system")
    place = Path("/run", f"leadline-small-disk-{os.getpid()}")
    place.mkdir()
    options = f"size={megabytes}m,uid={user},gid={group},mode=700"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=False).returncode == 0
    try:
        if not mounted:
            pytest.skip("this account may not mount a small file system")
        yield place
    finally:
        if mounted:
            subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


def filled(place: Path, left: int = 0) -> Path:
    """Fill the disk but for so many bytes, with a file to remove for room."""
    filler = place / "filler"
    filler.write_bytes(bytes(max(shutil.disk_usage(place).free - left, 0)))
    return filler
