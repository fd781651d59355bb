"""Reaching places on any fsspec URL with patience, and what goes wrong where the lake lies, in words."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import fsspec

from enterprise.errors import LakeUnreachableError, LeadlineError, NeedsPersonError
from enterprise.remote import is_refused, shown, shown_error

STORE_ATTEMPTS = 8
"""How often a request to an object store is made before it counts as failed, where `AWS_MAX_ATTEMPTS` does not say."""
_FULL = {errno.ENOSPC, errno.EDQUOT}


def filesystem_at(url: str) -> tuple[fsspec.AbstractFileSystem, str]:
    """The file system of a place, and the path there.

    A store that is busy, fails or cuts a connection off is asked again by its client, with waits that grow up to 20 seconds:
    `AWS_MAX_ATTEMPTS` times (8), as `AWS_RETRY_MODE` says (`standard`). S3's own variables; where set, they win.

    Args:
        url: a path, or any fsspec URL.
    """
    attempts, mode = os.environ.get("AWS_MAX_ATTEMPTS", STORE_ATTEMPTS), os.environ.get("AWS_RETRY_MODE", "standard")
    patience = {"config_kwargs": {"retries": {"total_max_attempts": int(attempts), "mode": mode}}}
    filesystem, path = fsspec.core.url_to_fs(url, **{name: patience for name in ("s3", "s3a") if f"{name}://" in url})
    return filesystem, str(path)


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Do something with the lake's files.

    Args:
        url: the lake.

    Raises:
        LakeUnreachableError: if the lake does not answer or its disk is full.
        NeedsPersonError: if it refuses this login.
        FileNotFoundError: if a file is not there: what that means is known to who asked for it.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except _errors_of_places() as error:
        raise _worded(error, url) from error


def require_there(filesystem: fsspec.AbstractFileSystem, root: str, url: str) -> None:
    """Look at a lake that is not on this machine, with a request or two.

    Args:
        filesystem: where it is.
        root: its folder there.
        url: the lake, for messages.

    Raises:
        LakeUnreachableError: if it does not answer.
        NeedsPersonError: if it refuses this login, or its bucket is not there.
    """
    with reaching(url):
        filesystem.invalidate_cache()
        missing = FileNotFoundError(root)
        for place in (root, root.split("/", 1)[0]):  # a lake that never had a night has a bucket all the same
            try:
                filesystem.ls(place)  # a listing: a refusal that answers it says why, one to a look at a single object cannot
            except FileNotFoundError as error:
                missing = error
            else:
                return
        raise NeedsPersonError(
            f"storage.lake_url {shown(url)} is not there: {shown_error(missing, url)}. Make the bucket, or mend the address, "
            "then run the night again"
        ) from missing


@contextmanager
def with_room(url: str) -> Iterator[None]:
    """Do something that writes to the lake among other things: only a full disk is told, the rest stays what it is.

    Args:
        url: the lake.

    Raises:
        LakeUnreachableError: if a disk is full.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _worded(error, url) from error


def _errors_of_places() -> tuple[type[Exception], ...]:
    """What places raise, but for what speaks of the bytes found there; for an `except`, which asks only if it must."""
    from aiohttp import ClientError
    from botocore.exceptions import BotoCoreError
    from botocore.exceptions import ClientError as AwsClientError

    return (OSError, BotoCoreError, AwsClientError, ClientError)


def _worded(error: Exception, url: str) -> LeadlineError:
    said, place = shown_error(error, url), f"storage.lake_url {shown(url)}"
    if isinstance(error, OSError) and error.errno in _FULL:
        return LakeUnreachableError(
            f"the disk of the lake is full ({place}): {said}. Nothing half written counts, and the last good plan stays current. "
            "Make room (leadline doctor shows sizes, leadline retention --dry-run what may go), then run the night again"
        )
    if is_refused(error):
        return NeedsPersonError(
            f"{place} refuses this login: {said}. The last good plan stays current. Renew the credentials (AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN) or give the right to read and write there; leadline doctor says whether "
            "it is mended, then run the night again"
        )
    return LakeUnreachableError(
        f"{place} cannot be used just now: {said}. The last good plan stays current. Look whether the store answers "
        "(leadline doctor), then run the night again"
    )
