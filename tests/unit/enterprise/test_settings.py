"""The settings file: what is refused, in which words, and what a plan's hash depends on."""

import tomllib
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from enterprise.errors import SettingsError
from enterprise.settings import Enterprise, load_enterprise

ROOT = Path(__file__).parents[3]
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


# ---- values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Europe/Amsterdam", "Europe/Nederland", "time_zone: 'Europe/Nederland' is no time zone of the IANA database"),
        ("Europe/Amsterdam", "localtime", "time_zone: 'localtime' is no time zone"),
        ('country = "NL" ', 'country = "QQ" ', "country 'QQ' has no holiday calendar"),
        ('country = "NL" ', 'country = "Netherlands" ', "country: String should match pattern"),
        ('country = "NL" ', 'country = "DE"\nsubdivision = "XX" ', "subdivision 'XX' of DE is not known; known are: BB, BE"),
        ("interval_minutes = 30", "interval_minutes = 20", "interval_minutes: Input should be 15, 30 or 60 (got 20)"),
        ("horizon_days = 28", "horizon_days = 0", "planning.horizon_days: Input should be greater than or equal to 1 (got 0)"),
        ("pay_days = [25]", "pay_days = [32]", "planning.pay_days.0"),
        ('monday = ["08:00-20:00"]', 'monday = ["8-20"]', "opening_hours.phone.monday: '8-20' is no time span"),
        ('monday = ["08:00-20:00"]', "monday = 8", "opening_hours.phone.monday: expected a list of spans such as"),
        ('monday = ["08:00-20:00"]', 'monday = ["08:00-12:00", "11:00-20:00"]', "hours from 11:00:00 overlap"),
        ("fraction = 0.80, seconds = 20", "fraction = 80, seconds = 20", "queues.voice_claims.service_goal.fraction"),
        ("holiday = 0.10", "holiday = 1.0", "queues.voice_claims.shrinkage.holiday"),
        ("mean_handle_seconds_prior = 420", "mean_handle_seconds_prior = nan", "finite number"),
        ('name = "Claims line"', 'name = "Claims line"\nid = "claims"', "voice_claims.id is 'claims'"),
        ('claim_pattern = "', 'claim_pattern = "(', "is no regular expression: missing ), unterminated subpattern at position 0"),
        ('claim_pattern = "', 'claim_pattern = "()', "has 2 groups; put exactly the part to take in ( )"),
    ],
)
def test_a_value_that_means_nothing_is_refused_with_its_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in refusal(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'definition = "of_offered", fraction = 0.80, seconds = 20',
            'definition = "completed_within", fraction = 0.80, seconds = 20',
            "queues.voice_claims: service_goal.definition of a voice queue must be of_offered, of_answered, excluding_short_aba",
        ),
        (
            'definition = "completed_within", fraction = 0.95, seconds = 28800',
            'definition = "of_offered", fraction = 0.95, seconds = 28800',
            "queues.email_claims: service_goal.definition of a email queue must be completed_within, got of_offered",
        ),
        ('work_of_claims = ["motor"]\n', "", "queues.claims_motor: a claims queue needs work_of_claims"),
        ('work_of_claims = ["motor"]', 'work_of_claims = ["property"]', "'property' is claims_motor's work already"),
    ],
)
def test_a_goal_or_work_that_does_not_fit_the_channel_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in refusal(tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'opening_hours = "phone"',
            'opening_hours = "fone"',
            "queues.voice_claims.opening_hours: 'fone' is not described; known are",
        ),
        (
            'line_of_business = "claims"',
            'line_of_business = "life"',
            "queues.voice_claims.line_of_business: 'life' is not described",
        ),
        (
            'site = "rotterdam"',
            'site = "utrecht"',
            "queues.voice_claims.site: 'utrecht' is not described; known are rotterdam, zw",
        ),
        (
            'claims-line = "voice_claims"',
            'claims-line = "voice_claim"',
            "sources.acd.queues: 'voice_claim' is no queue; known are",
        ),
        (
            '[claims_lead]\nqueues = ["voice_claims", ',
            '[claims_lead]\nqueues = ["voice_klaims", ',
            "claims_lead.queues: 'voice_klaims' is no queue",
        ),
        ("[sites]", '[sites]\nDen-Haag = "Den Haag"', "the name 'Den-Haag' must be lower-case letters"),
        (
            "[claims_lead]",
            '[[events]]\nname = "Mailing"\nfirst_date = 2026-11-20\nlast_date = 2026-11-21\nqueues = ["post"]\n\n[claims_lead]',
            "events.Mailing.queues: 'post' is no queue",
        ),
        (
            "[claims_lead]",
            '[[events]]\nname = "Mailing"\nfirst_date = 2026-11-20\nlast_date = 2026-11-19\nqueues = []\n\n[claims_lead]',
            "event 'Mailing': last_date 2026-11-19 lies before first_date 2026-11-20",
        ),
    ],
)
def test_a_reference_to_something_not_described_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert words in refusal(tmp_path, old, new)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    broken = TEXT.replace("horizon_days", "horizon").replace('kind = "mbox"', 'kind = "exchange"').replace("[sites]", "[places]")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, broken)
    for key in ("planning.horizon", "sources.mail.kind", "sites: missing", "places: unknown key"):
        assert key in str(caught.value)


def test_an_enterprise_without_queues_is_refused() -> None:
    with pytest.raises(ValidationError, match="describe at least one under"):
        changed(lambda raw: raw.update(queues={}, sources={}, claims_lead={}))


def test_settings_cannot_be_changed_while_a_night_runs() -> None:
    enterprise = changed(lambda raw: None)
    with pytest.raises(ValidationError, match="frozen"):
        enterprise.planning.horizon_days = 7  # type: ignore[misc]


# ---- placeholders and places -----------------------------------------------------------------------------------------


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
