"""What is wrong with a settings file, in words for the person who wrote it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from enterprise.model import Settings
from enterprise.sources import SOURCE_KINDS


def explained(error: ValidationError, path: Path, root: type[Settings]) -> str:
    """Say for every problem which key it is, what is wrong and, for unknown keys, which are known.

    Args:
        error: what pydantic found.
        path: the settings file.
        root: the settings class that the whole file was read into.
    """
    return f"settings file {path} needs mending:\n  " + "\n  ".join(_line(problem, root) for problem in error.errors())


def _line(problem: ErrorDetails, root: type[Settings]) -> str:
    location, kind = problem["loc"], problem["type"]
    key = _key_in_file(location)
    if kind == "extra_forbidden":
        return f"{key}: unknown key; known here are {', '.join(_known_keys(location[:-1], root))}"
    if kind == "missing":
        return f"{key}: missing; add it"
    if kind == "union_tag_not_found":
        return f"{key}.kind: missing; add it, one of {', '.join(SOURCE_KINDS)}"
    if kind == "union_tag_invalid":
        return f"{key}.kind: {problem['ctx']['tag']!r} is no kind of source; known are {', '.join(SOURCE_KINDS)}"
    # Addresses may hold passwords, and whole tables say nothing: neither is shown.
    hidden = isinstance(problem["input"], (dict, Settings)) or any(
        str(part).endswith(("url", "password", "secret", "token")) for part in location
    )
    shown = "" if hidden else f" (got {problem['input']!r})"
    return f"{key or 'settings'}: {problem['msg'].removeprefix('Value error, ')}{shown}"


def _key_in_file(location: tuple[int | str, ...]) -> str:
    """The key as it stands in the file: without the kind of a source, which pydantic puts after the source's name."""
    parts = [str(part) for part in location if part != "[key]"]
    if parts[:1] == ["sources"] and parts[2:3] and parts[2] in SOURCE_KINDS:
        del parts[2]
    return ".".join(parts)


def _known_keys(location: tuple[int | str, ...], root: type[Settings]) -> list[str]:
    """Keys of the settings class that a path into the file leads to."""
    annotation: Any = root
    for part in location:
        annotation = _step(annotation, part)
    return sorted(annotation.model_fields) if hasattr(annotation, "model_fields") else []


def _step(annotation: Any, part: int | str) -> Any:
    fields = getattr(annotation, "model_fields", None)
    if fields is not None:
        return _unwrapped(fields[part].annotation) if part in fields else annotation
    if isinstance(annotation, tuple):  # a union: its parts are named by their kind
        for candidate in annotation:
            if part in getattr(candidate.model_fields["kind"].annotation, "__args__", ()):
                return candidate
    return annotation


def _unwrapped(annotation: Any) -> Any:
    """The settings class inside `dict[str, X]`, `tuple[X, ...]`, `X | None` or an annotated union."""
    arguments = [a for a in getattr(annotation, "__args__", ()) if a not in (str, type(None), Ellipsis)]
    if not arguments:
        return annotation
    if len(arguments) == 1:
        return _unwrapped(arguments[0])
    return tuple(arguments)
