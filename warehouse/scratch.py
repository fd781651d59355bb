"""Room beside the lake: the temporary files into which DuckDB puts what its share of memory does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from enterprise.errors import RetryLaterError

_FOLDER = ".tmp"
"""DuckDB's own choice for a database in memory, in the folder in which the process works."""
_SAYS_FULL = ("max_temp_directory_size", "No space left on device")


@contextmanager
def scratch_room() -> Iterator[None]:
    """Work with DuckDB until the block (or the function so decorated) ends; a full disk below its temporary files is said so.

    DuckDB itself calls that a lack of memory.

    Raises:
        RetryLaterError: naming the folder, if there is no room in it.

    Example:
        >>> with scratch_room():
        ...     duckdb.sql("SELECT 1").fetchall()
        [(1,)]
    """
    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        said = str(error).splitlines()[0]
        if not any(words in str(error) for words in _SAYS_FULL):
            raise
        raise RetryLaterError(
            f"the disk for temporary files is full ({Path(_FOLDER).absolute()}): {said} Nothing half written counts; the last "
            "good plan stays current. Make room there, or start Airflow's workers in a folder that has some (leadline doctor "
            "shows the disk's), then run the night again"
        ) from error
