"""The example settings with a passage changed, and what is said of them."""

import tomllib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from enterprise.errors import SettingsError
from enterprise.settings import Enterprise, load_enterprise

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "config" / "enterprise.toml"
RAW = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
TEXT = CONFIG.read_text(encoding="utf-8")

Change = Callable[[dict[str, Any]], object]


def load(folder: Path, text: str, **environment: str) -> Enterprise:
    path = folder / "enterprise.toml"
    path.write_text(text, encoding="utf-8")
    return load_enterprise(path, environment, folder)


def refusal(folder: Path, old: str, new: str) -> str:
    """What is said of the example settings with one passage changed."""
    assert old in TEXT
    with pytest.raises(SettingsError) as caught:
        load(folder, TEXT.replace(old, new, 1))
    assert str(folder / "enterprise.toml") in str(caught.value), "the message must name the file"
    return str(caught.value)


def changed(change: Change) -> Enterprise:
    raw = deepcopy(RAW)
    change(raw)
    return Enterprise.model_validate(raw)
