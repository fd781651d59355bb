"""Where pages for people stand: one a night on any fsspec URL, and `latest.html` for the newest of them."""

from __future__ import annotations

import os
from datetime import date

import fsspec
from fsspec.implementations.local import LocalFileSystem

from warehouse.reach import filesystem_at

_DAY = "{day}"
_ANY_DAY = "????-??-??"


def put_page(folder: str, name: str, night: date, page: str) -> str:
    """Write a night's page, each file in one step, and the same as `latest.html` unless a newer night's is there.

    Args:
        folder: path or fsspec URL of the folder.
        name: path of a night's page below it, with `{day}` for the night.
        night: the night.
        page: the page.

    Returns:
        Path or URL of the night's page.
    """
    filesystem, root = filesystem_at(folder)
    path = f"{root}/{name.replace(_DAY, night.isoformat())}"
    _put(filesystem, path, page)
    filesystem.invalidate_cache(root)  # another process may have written a newer night
    if max(filesystem.glob(f"{root}/{name.replace(_DAY, _ANY_DAY)}")) == path:
        _put(filesystem, f"{root}/latest.html", page)
    return str(filesystem.unstrip_protocol(path)) if "://" in folder else path


def _put(filesystem: fsspec.AbstractFileSystem, path: str, page: str) -> None:
    content = page.encode()
    if not isinstance(filesystem, LocalFileSystem):
        filesystem.pipe_file(path, content)  # one PUT is atomic on an object store
        return
    parent, own_name = path.rsplit("/", 1)
    filesystem.makedirs(parent, exist_ok=True)
    draft = f"{parent}/.{own_name}.{os.getpid()}.tmp"
    filesystem.pipe_file(draft, content)
    os.replace(draft, path)  # noqa: PTH105 - fsspec's paths are texts
