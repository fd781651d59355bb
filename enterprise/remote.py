"""Places that are not on this machine: what may go wrong there, and how they are named without their secrets."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def remote_errors() -> tuple[type[Exception], ...]:
    """What file systems raise where a place cannot be reached, read or understood; for an `except`, which asks only if it must.

    The errors of object stores and archives are no OSErrors, and their libraries take long to import.
    """
    from tarfile import TarError
    from zipfile import BadZipFile

    from aiohttp import ClientError
    from botocore.exceptions import BotoCoreError
    from botocore.exceptions import ClientError as AwsClientError

    return (OSError, EOFError, ImportError, ValueError, BadZipFile, TarError, BotoCoreError, AwsClientError, ClientError)


def shown(url: str) -> str:
    """The place without user, password and query, as it may stand in a log.

    Example:
        >>> shown("sftp://planner:s3cret@files.example:22/acd/queue_log*"), shown("/data/acd"), shown("s3://bucket/a?token=x")
        ('sftp://files.example:22/acd/queue_log*', '/data/acd', 's3://bucket/a')
    """
    if "://" not in url:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url.split("://", 1)[0] + "://..."
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def shown_error(error: BaseException, url: str) -> str:
    """What went wrong in words, without what the URL keeps secret.

    Example:
        >>> shown_error(OSError("no route to sftp://planner:s3cret@files.example/acd"), "sftp://planner:s3cret@files.example/acd")
        'OSError: no route to sftp://files.example/acd'
    """
    words = f"{type(error).__name__}: {error}".replace(url, shown(url))
    userinfo, at, _ = url.partition("://")[2].partition("/")[0].rpartition("@")
    for secret in (userinfo, userinfo.partition(":")[2]):
        words = words.replace(secret, "...") if at and secret else words
    return words
