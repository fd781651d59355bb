"""The settings file: which are taken, which keys are refused and in which words, and what a plan's hash depends on."""

from pathlib import Path
from typing import Any

import pytest

from enterprise.errors import SettingsError
from enterprise.settings import load_enterprise
from tests.support.example_settings import ROOT, TEXT, Change, changed, load, refusal


@pytest.mark.parametrize(
    ("config", "environment"),
    [
        ("enterprise.toml", {}),
        ("examples/real_insurer.toml", {"LEADLINE_REAL_INSURER": "data"}),
        ("examples/anonymous_bank.toml", {"LEADLINE_ANONYMOUS_BANK": "data"}),
    ],
)
def test_every_settings_file_that_is_handed_out_loads(config: str, environment: dict[str, str]) -> None:
    enterprise = load_enterprise(ROOT / "config" / config, environment, ROOT)
    assert enterprise.queues
    assert enterprise.sources
    assert all(queue.id == key for key, queue in enterprise.queues.items())


def test_the_example_enterprise_has_every_channel() -> None:
    channels = [queue.channel for queue in changed(lambda raw: None).queues.values()]
    assert len(channels) == 13
    assert set(channels) == {"voice", "chat", "email", "cases", "claims"}


# ---- the file itself -------------------------------------------------------------------------------------------------


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml does not exist; set LEADLINE_CONFIG"):
        load_enterprise(tmp_path / "nowhere.toml", {}, tmp_path)


def test_a_folder_instead_of_a_file_is_no_stack_trace(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load_enterprise(tmp_path, {}, tmp_path)


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    assert "is not valid TOML" in refusal(tmp_path, "[storage]", "[storage")
    assert "line 9" in refusal(tmp_path, "[storage]", "[storage")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "cp1252"])
def test_a_file_in_another_encoding_is_told_to_be_saved_as_utf_8(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "enterprise.toml"
    path.write_bytes('name = "Versicherung Köln"\n'.encode(encoding))
    with pytest.raises(SettingsError, match=r"not UTF-8 text: .* save it again with encoding UTF-8"):
        load_enterprise(path, {}, tmp_path)


def test_a_byte_order_mark_of_a_windows_editor_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "enterprise.toml"
    path.write_text(TEXT, encoding="utf-8-sig")
    assert load_enterprise(path, {}, tmp_path).name == "Harbour Mutual"


def test_an_empty_file_names_every_key_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, "")
    for key in ("name", "time_zone", "country", "sites", "lines_of_business", "opening_hours", "queues", "sources", "storage"):
        assert f"\n  {key}: missing; add it" in str(caught.value)


# ---- unknown and missing keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key", "known"),
    [
        ('country = "NL"', 'contry = "NL"', "contry", "country"),
        ("lake_url =", "lakeurl =", "storage.lakeurl", "lake_url"),
        ("horizon_days", "horizon", "planning.horizon", "horizon_days"),
        ('saturday = ["09', 'saterday = ["09', "opening_hours.phone.saterday", "saturday"),
        ("occupancy_cap", "occupancy", "queues.voice_claims.occupancy", "occupancy_cap"),
        ("seconds = 20 }", "second = 20 }", "queues.voice_claims.service_goal.second", "seconds"),
        ("demand = { short_abandon_seconds", "demand = { short_abandon", "queues.voice_claims.demand.short_abandon", "count_tra"),
        ("slowdown_per_extra_chat", "slowdown", "queues.chat_service.chat.slowdown", "concurrency"),
        ("maximum_lag_days", "maximum_lag", "claims_lead.maximum_lag", "maximum_lag_days"),
        ("wrap_pause_reason", "wrap_pause", "sources.acd.wrap_pause", "wrap_pause_reason"),
        ("our_addresses", "addresses", "sources.mail.addresses", "our_addresses"),
        ("history_url", "history", "sources.crm.history", "history_url"),
        ("watermark_column", "watermark", "sources.claims.watermark", "overlap_seconds"),
        ("agents_url", "agent_url", "sources.workforce.agent_url", "agents_url"),
        ("[claims_lead]", '[[events]]\nname = "Mailing"\nday = 2026-11-20\n\n[claims_lead]', "events.0.day", "first_date"),
    ],
)
def test_an_unknown_key_is_named_with_the_keys_known_there(tmp_path: Path, old: str, new: str, key: str, known: str) -> None:
    said = refusal(tmp_path, old, new)
    lines = [line for line in said.splitlines() if line.startswith(f"  {key}: unknown key; known here are ")]
    assert lines, said
    assert known in lines[0]


@pytest.mark.parametrize(
    ("old", "key"),
    [
        ('time_zone = "Europe/Amsterdam"\n', "time_zone"),
        ('lake_url = ".leadline/lake" ', "storage.lake_url"),
        ('channel = "voice"\n', "queues.voice_claims.channel"),
        ("mean_handle_seconds_prior = 420\n", "queues.voice_claims.mean_handle_seconds_prior"),
        ('url = ".leadline/demo/acd/queue_log-*"\n', "sources.acd.url"),
        ('kind = "asterisk_queue_log"\n', "sources.acd.kind"),
    ],
)
def test_a_missing_key_is_named(tmp_path: Path, old: str, key: str) -> None:
    assert f"  {key}: missing; add it" in refusal(tmp_path, old, "# ")


def test_a_kind_of_source_nobody_knows_is_answered_with_those_there_are(tmp_path: Path) -> None:
    said = refusal(tmp_path, 'kind = "asterisk_queue_log"', 'kind = "avaya"')
    assert "sources.acd.kind: 'avaya' is no kind of source; known are asterisk_queue_log" in said
    assert "mapped_table" in said


# ---- the hash --------------------------------------------------------------------------------------------------------


def move_everything(raw: dict[str, Any]) -> None:
    raw["storage"] = {"lake_url": "s3://elsewhere", "planbook_folder": "/srv/books", "warehouse_url": "postgresql://h/d"}
    raw["sources"]["acd"]["url"] = "/mnt/other/queue_log*"


def test_the_hash_does_not_change_when_only_places_do() -> None:
    assert changed(move_everything).settings_hash == changed(lambda raw: None).settings_hash


def test_the_hash_is_the_same_in_every_process_and_on_every_machine(tmp_path: Path) -> None:
    assert load(tmp_path, TEXT).settings_hash == changed(lambda raw: None).settings_hash
    assert len(changed(lambda raw: None).settings_hash) == 16


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw["planning"].update(horizon_days=14),
        lambda raw: raw["queues"]["voice_claims"]["service_goal"].update(seconds=30),
        lambda raw: raw["opening_hours"]["phone"].update(sunday=["10:00-12:00"]),
        lambda raw: raw["queues"]["chat_sales"]["chat"].update(concurrency=2),
        lambda raw: raw.update(interval_minutes=15),
        lambda raw: raw["claims_lead"].update(maximum_lag_days=7),
    ],
)
def test_the_hash_changes_with_whatever_can_change_a_plan(change: Change) -> None:
    assert changed(change).settings_hash != changed(lambda raw: None).settings_hash


@pytest.mark.parametrize(
    ("ready_by", "closing", "cron"),
    [
        ("06:30", "20:00", "*/30 7-19 * * *"),
        ("06:30", "19:30", "*/30 7-19 * * *"),
        ("06:30", "24:00", "*/30 7-23 * * *"),
        ("06:30", "08:00", "*/30 7-7 * * *"),
        ("07:30", "08:00", None),
        ("11:00", "10:00", None),
        ("23:30", "24:00", None),
    ],
)
def test_the_rest_of_the_day_is_forecast_until_the_last_closing_and_never_where_all_have_closed_by_then(
    ready_by: str, closing: str, cron: str | None
) -> None:
    def change(raw: dict[str, Any]) -> None:
        raw["schedule"] = {"plan_ready_by": ready_by}
        raw["opening_hours"] = {
            name: {"monday": ["00:00-02:00"], "tuesday": [f"01:00-{closing}"]} for name in raw["opening_hours"]
        }

    assert changed(change).intraday_cron == cron
