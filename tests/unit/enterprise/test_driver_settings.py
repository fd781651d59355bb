"""Drivers in the settings: what does not fit is named with its key and what is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from enterprise.errors import SettingsError
from enterprise.settings import load_enterprise

ROOT = Path(__file__).parents[3]
CONFIG = (ROOT / "config" / "enterprise.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('source = "marketing"', 'source = "crm"', "drivers.mailings.source: 'crm' is no source that fills driver_values"),
        ('queues = ["voice_sales", "chat_sales"]\nmax', 'queues = ["post"]\nmax', "drivers.mailings.queues: 'post' is no queue"),
        ("[drivers.mailings]", "[drivers.motor]", "drivers.motor: claims have a line of business of that name"),
        ("[drivers.mailings]", "[drivers.Mailings]", "the name 'Mailings' must be lower-case"),
        ("known_ahead_days = 14", "known_ahead_days = -1", "known_ahead_days"),
        (
            "[drivers.mailings]",
            '[drivers.again]\nname = "Again"\nsource = "marketing"\nseries = "mailings"\n\n[drivers.mailings]',
            "is driver 'again' already",
        ),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in CONFIG
    path = tmp_path / "enterprise.toml"
    path.write_text(CONFIG.replace(old, new, 1))
    with pytest.raises(SettingsError) as told:
        load_enterprise(path, {}, tmp_path)
    assert words in str(told.value)


def test_a_driver_without_queues_may_announce_contacts_of_all(tmp_path: Path) -> None:
    enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, ROOT)
    driver = enterprise.drivers["mailings"]
    assert not driver.may_announce("voice_claims")
    assert driver.model_copy(update={"queues": ()}).may_announce("voice_claims")
