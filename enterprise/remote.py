"""Places that are not on this machine: what may go wrong there, and how they are named without their secrets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

_LOGIN_REFUSED = re.compile(
    r"authentication failed|no pg_hba.conf entry|no password supplied|permission denied for database|"
    r'(role|database) ".*" (does not exist|is not permitted to log in)'
)


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


def is_refused(error: BaseException) -> bool:
    """Whether a place refuses who asks (credentials that are wrong, expired or missing; no right): only a person can mend that.

    Example:
        >>> is_refused(PermissionError("The provided token has expired.")), is_refused(OSError("Connection reset by peer"))
        (True, False)
    """
    from botocore.exceptions import CredentialRetrievalError, NoCredentialsError, PartialCredentialsError, TokenRetrievalError

    refusals = (PermissionError, CredentialRetrievalError, NoCredentialsError, PartialCredentialsError, TokenRetrievalError)
    return isinstance(error, refusals)


def is_login_refused(said: str) -> bool:
    """Whether a database said that it does not let this login in: in PostgreSQL's words, for a failed login has no code.

    Example:
        >>> is_login_refused('FATAL:  password authentication failed for user "leadline"'), is_login_refused("Connection refused")
        (True, False)
    """
    return _LOGIN_REFUSED.search(said) is not None


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
