"""Values in the settings file that mean nothing or do not fit each other: what is said of them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from enterprise.errors import SettingsError
from tests.support.example_settings import TEXT, changed, load, refusal


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
