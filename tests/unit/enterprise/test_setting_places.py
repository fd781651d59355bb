"""Placeholders and places in the settings file."""

from pathlib import Path

import pytest

from enterprise.errors import SettingsError
from tests.support.example_settings import TEXT, load, refusal


def test_a_placeholder_without_value_names_key_and_variable(tmp_path: Path) -> None:
    said = refusal(tmp_path, 'warehouse_url = "embedded"', 'warehouse_url = "postgresql://planner:${DB_PASSWORD}@db/plan"')
    assert "storage.warehouse_url uses ${DB_PASSWORD}, which is not set" in said


def test_placeholders_are_filled_in_everywhere_even_in_lists(tmp_path: Path) -> None:
    text = TEXT.replace('our_addresses = ["', 'our_addresses = ["@${DOMAIN}", "').replace(
        '"embedded"', '"postgresql://p:${PW}@${HOST}/d"'
    )
    enterprise = load(tmp_path, text, DOMAIN="hm.example", PW="geheim", HOST="db")
    assert enterprise.storage.warehouse_url == "postgresql://p:geheim@db/d"
    assert enterprise.sources["mail"].our_addresses[0] == "@hm.example"  # type: ignore[union-attr]


def test_a_password_in_an_address_never_shows_in_a_message(tmp_path: Path) -> None:
    wrong = TEXT.replace('"embedded"', '["postgresql://planner:geheim@db/plan"]')
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, wrong)
    assert "storage.warehouse_url" in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_relative_paths_start_at_the_given_root_and_addresses_stay(tmp_path: Path) -> None:
    text = TEXT.replace('url = ".leadline/demo/chat/', 'url = "s3://exports/chat/').replace(".leadline/planbook", "/srv/planbook")
    enterprise = load(tmp_path, text)
    assert enterprise.storage.lake_url == str(tmp_path / ".leadline" / "lake")
    assert enterprise.storage.state_folder == str(tmp_path / ".leadline")
    assert enterprise.storage.planbook_folder == "/srv/planbook"
    assert enterprise.storage.warehouse_url == "embedded"
    sources = enterprise.sources
    assert sources["acd"].url == str(tmp_path / ".leadline/demo/acd/queue_log-*")  # type: ignore[union-attr]
    assert sources["chat"].url == "s3://exports/chat/contact-records-*.jsonl"  # type: ignore[union-attr]
    assert sources["claims"].url == f"sqlite:///{tmp_path}/.leadline/demo/claims/claims.db"  # type: ignore[union-attr]
    assert sources["crm"].history_url.startswith(str(tmp_path))  # type: ignore[union-attr]
