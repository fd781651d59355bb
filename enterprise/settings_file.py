"""From the settings file to plain values: TOML read, `${NAME}` filled in, relative paths made absolute."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enterprise.errors import SettingsError

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FOLDERS = ("planbook_folder", "data_docs_folder", "state_folder")
_FILES = ("url", "history_url", "agents_url", "schedules_url", "activities_url", "events_url", "ratings_url", "ca_file")
_PLACES = (*_FILES, "lake_url", *_FOLDERS)
"""Keys of `storage` and `sources` that say where something is."""
_OVERRIDES = {
    "lake_url": "LEADLINE_LAKE_URL",
    "warehouse_url": "LEADLINE_WAREHOUSE_URL",
    "planbook_folder": "LEADLINE_PLANBOOK_FOLDER",
    "data_docs_folder": "LEADLINE_DATA_DOCS_FOLDER",
}
"""Places that the environment may give instead: the same file then serves one machine and many."""


def read_settings(path: Path, environment: Mapping[str, str], root: Path) -> dict[str, Any]:
    """Read the settings file without judging its keys.

    Args:
        path: the TOML file.
        environment: values for `${NAME}` placeholders in the file's strings, and for the places of `_OVERRIDES`.
        root: folder against which relative paths of `storage` and `sources` are resolved.

    Raises:
        SettingsError: if there is no such file, it is no TOML, or a placeholder has no value.
    """
    raw = _expand(_overridden(_parsed(path), environment), environment, path, "")
    return _resolved(raw, root)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingsError(
            f"settings file {path} does not exist; set LEADLINE_CONFIG to one, or copy config/enterprise.toml and edit it"
        ) from error
    except OSError as error:
        raise SettingsError(
            f"settings file {path} cannot be read: {error.strerror}; name a file that this user may read"
        ) from error
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"settings file {path} is not UTF-8 text: {error.reason} at byte {error.start}; save it again with encoding UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"settings file {path} is not valid TOML: {error}; mend that line") from error


def _overridden(raw: dict[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Let the environment say where lake, warehouse and pages are; before placeholders, as what is overridden needs no value."""
    given = {key: environment[name] for key, name in _OVERRIDES.items() if environment.get(name)}
    storage = raw.get("storage")
    return {**raw, "storage": {**storage, **given}} if given and isinstance(storage, dict) else raw


def _expand(value: Any, environment: Mapping[str, str], path: Path, key: str) -> Any:
    """Replace `${NAME}` in every string below `value`."""
    if isinstance(value, dict):
        return {k: _expand(v, environment, path, f"{key}.{k}".lstrip(".")) for k, v in value.items()}
    if isinstance(value, list):
        return [_expand(v, environment, path, key) for v in value]
    if not isinstance(value, str):
        return value

    def known(match: re.Match[str]) -> str:
        name = match[1]
        if name not in environment:
            raise SettingsError(
                f"settings file {path}: {key} uses ${{{name}}}, which is not set; set the environment variable {name}"
            )
        return environment[name]

    return _PLACEHOLDER.sub(known, value)


def _resolved(raw: dict[str, Any], root: Path) -> dict[str, Any]:
    """Make the plain paths of `storage` and `sources` absolute; URLs stay as they are, but for SQLite files."""

    def resolve(section: Any) -> Any:
        if not isinstance(section, dict):
            return section
        return {
            key: _absolute(value, root) if key in _PLACES and isinstance(value, str) and value else value
            for key, value in section.items()
        }

    sources = raw.get("sources")
    if isinstance(sources, dict):
        raw = {**raw, "sources": {name: resolve(source) for name, source in sources.items()}}
    if isinstance(raw.get("storage"), dict):
        raw = {**raw, "storage": resolve({"state_folder": ".leadline", **raw["storage"]})}
    return raw


def _absolute(url: str, root: Path) -> str:
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        return f"sqlite:///{(root / url.removeprefix('sqlite:///')).absolute()}"
    return url if "://" in url else str((root / url).absolute())
