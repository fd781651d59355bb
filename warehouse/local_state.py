"""Small things every part of a local run needs: a lock between processes and generated secrets in private files."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enterprise.errors import RetryLaterError


@contextmanager
def locked(path: Path, busy: str | None = None) -> Iterator[None]:
    """Hold the lock file at `path` while others wait. The lock dies with its holder: a crash leaves none behind.

    Args:
        path: the lock file; made if it is not there.
        busy: what to say instead of waiting, if somebody else holds it.

    Raises:
        RetryLaterError: with the words of `busy`.
    """
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            raise RetryLaterError(busy) from None
        yield


def write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner can read, whole or not at all, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    draft.replace(path)
    return path


def secret(data_folder: Path, name: str, random_bytes: int = 32) -> str:
    """The generated secret `name` of this folder of local state; made on first use, then always the same.

    Args:
        data_folder: the folder of local state, usually `.leadline`.
        name: what it is for; also its file name under `secrets/`.
        random_bytes: how much chance is in it, when it is made.

    Returns:
        Letters, digits, `-` and `_`, which need no quoting anywhere: 43 of them for 32 random bytes, 86 for 64.
    """
    path = data_folder / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(path.parent / ".lock"):
        if not path.exists():
            write_private(path, secrets.token_urlsafe(random_bytes))
        return path.read_text()
