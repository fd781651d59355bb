"""Which files a source offers just now: a folder, a glob or one file, on any fsspec URL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import fsspec

from enterprise.errors import NeedsPersonError, SourceUnreachableError
from enterprise.remote import is_refused, remote_errors, shown, shown_error
from etl.landing import Offered
from warehouse.reach import filesystem_at

_GLOB = "*?["
_BLOCK = 8 << 20
_STEP = 1 << 20  # stays in the processor's cache while it is hashed and written
_MARKS = ("mtime", "ETag", "LastModified", "last_modified", "updated", "CRC")
"""What file systems call the mark that changes with a file."""


def offered_files(source_system: str, urls: Sequence[str]) -> list[Offered]:
    """Files behind the URLs, each URL's in order of their names.

    Args:
        source_system: name of the source, for messages.
        urls: folders, globs or files; a folder offers the files directly in it.

    Returns:
        The files; none if nothing matches.

    Raises:
        SourceUnreachableError: if the place cannot be reached or its folder does not exist.
        NeedsPersonError: if the place refuses this login.
    """
    return [file for url in urls for file in _behind(source_system, url)]


def _behind(source_system: str, url: str) -> list[Offered]:
    try:
        filesystem, path = filesystem_at(url)
        filesystem.invalidate_cache()
        if filesystem.isdir(path):
            found = filesystem.ls(path, detail=True)
        elif any(sign in path for sign in _GLOB):
            _require_folder(filesystem, path, source_system)
            found = list(filesystem.glob(path, detail=True).values())
        else:
            _require_folder(filesystem, path, source_system)
            found = [filesystem.info(path)] if filesystem.exists(path) else []
    except remote_errors() as error:
        what = f"sources.{source_system}: {shown(url)} cannot be listed: {shown_error(error, url)}; "
        if is_refused(error):
            raise NeedsPersonError(
                f"{what}renew the credentials or give the right to read there, then run the night again"
            ) from error
        raise SourceUnreachableError(f"{what}check the address, the network and the rights, then run the night again") from error
    files = sorted((info for info in found if info["type"] == "file"), key=lambda info: str(info["name"]))
    return [_offered(filesystem, info, source_system) for info in files if not _name(info).startswith(".")]


def _require_folder(filesystem: fsspec.AbstractFileSystem, path: str, source_system: str) -> None:
    """A missing folder is an unreachable source (a share that is not mounted), not an empty one."""
    folder = path
    while any(sign in folder for sign in _GLOB) or folder == path:
        folder = filesystem._parent(folder)
    if not filesystem.exists(folder):
        raise SourceUnreachableError(
            f"sources.{source_system}: the folder {folder} does not exist; "
            "mount or create it, or mend the url, then run the night again"
        )


def _offered(filesystem: fsspec.AbstractFileSystem, info: dict[str, object], source_system: str) -> Offered:
    mark = next((str(info[key]) for key in _MARKS if info.get(key)), "")
    path = str(info["name"])
    return Offered(path, _name(info), int(str(info["size"] or 0)), mark, partial(_read, filesystem, path, source_system))


def _read(filesystem: fsspec.AbstractFileSystem, path: str, source_system: str, begin: int) -> Iterator[bytes]:
    try:
        with filesystem.open(path, "rb", cache_type="readahead", block_size=_BLOCK) as stream:
            stream.seek(begin)
            while block := stream.read(_STEP):
                yield block
    except remote_errors() as error:
        what = f"sources.{source_system}: {path} cannot be read: {type(error).__name__}: {error}; "
        if is_refused(error):
            raise NeedsPersonError(
                f"{what}renew the credentials or give the right to read it, then run the night again"
            ) from error
        raise SourceUnreachableError(f"{what}run the night again") from error


def _name(info: dict[str, object]) -> str:
    """The last part of the place, as text that can be stored: bytes that are no UTF-8 are shown as escapes."""
    name = str(info["name"]).rstrip("/").rsplit("/", 1)[-1]
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
