"""Published plans side by side on a real PostgreSQL: named, compared, put in force and taken out, with who and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from cli.main import app
from cli.session import out
from enterprise.errors import NeedsPersonError, WarehouseUnreachableError
from tests.support.example_night import PLAN_DATE, STAMP, example_enterprise, write_night
from warehouse import publisher_lock
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.plans import difference, newest_plans, plan_named, promote, roll_back
from warehouse.publish import publish
from warehouse.tables.forecast import FORECAST_DAILY
from warehouse.tables.staffing import STAFFING_DAILY

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
AT = datetime(2026, 11, 13, 6, 30, tzinfo=UTC)
BEFORE = PLAN_DATE - timedelta(days=1)


@pytest.fixture
def three(url: str, own_lake: Lake, queues: pa.Table) -> str:
    """A database with the night before, the night, and the night once more with half as many contacts again on one queue."""
    write_night(own_lake, example_enterprise(Path(own_lake.root).parent), BEFORE, horizon=3)
    with connected(url) as connection:
        for day in (BEFORE, PLAN_DATE):
            publish(connection, day, own_lake, queues, STAMP)
        rows = own_lake.read(FORECAST_DAILY, first=PLAN_DATE, last=PLAN_DATE)
        more = 1 + 0.5 * (rows["member_id"] == "voice_claims")
        own_lake.replace(FORECAST_DAILY, rows.assign(mean_offered_contacts=more * rows["mean_offered_contacts"]), PLAN_DATE)
        publish(connection, PLAN_DATE, own_lake, queues, STAMP)
    return url


def _statuses(connection: psycopg.Connection) -> dict[tuple[date, int], str]:
    rows = connection.execute("SELECT plan_date, version, status FROM plan_version").fetchall()
    return {(plan_date, version): status for plan_date, version, status in rows}


def test_a_plan_is_named_by_its_night_its_version_or_as_the_current_one(three: str) -> None:
    with connected(three) as connection:
        for name, version in (("current", 2), (f"{PLAN_DATE}", 2), (f"{PLAN_DATE}.1", 1)):
            assert (plan_named(connection, name).plan_date, plan_named(connection, name).version) == (PLAN_DATE, version)
        for wrong in ("yesterday", "2026-13-40", "2026-11-12.x", "2026-11-12.", f"{PLAN_DATE}.1; drop table queue"):
            with pytest.raises(NeedsPersonError, match="names no plan: write current"):
                plan_named(connection, wrong)
        with pytest.raises(NeedsPersonError, match=r"no plan 2026-11-12\.9; see .* leadline plan list"):
            plan_named(connection, f"{PLAN_DATE}.9")


def test_only_days_of_which_two_plans_differ_are_shown_with_their_change(three: str, own_lake: Lake) -> None:
    with connected(three) as connection:
        one, two = plan_named(connection, f"{PLAN_DATE}.1"), plan_named(connection, f"{PLAN_DATE}.2")
        changed = difference(connection, one, two)
        assert difference(connection, one, one).empty
        between_nights = difference(connection, plan_named(connection, str(BEFORE)), one)
    assert set(changed["member_id"]) == {"voice_claims"}
    forecast = own_lake.read(FORECAST_DAILY, first=PLAN_DATE, last=PLAN_DATE)
    with_calls = (forecast["member_id"] == "voice_claims") & (forecast["mean_offered_contacts"] > 0)
    assert len(changed) == with_calls.sum() > 1
    grown = changed["mean_offered_contacts_after"] / changed["mean_offered_contacts_before"]
    assert grown.round(9).eq(1.5).all()
    assert changed["staff_hours_change"].eq(0).all()
    only_later = between_nights[between_nights["business_date"] == PLAN_DATE + timedelta(days=3)]
    assert only_later["mean_offered_contacts_before"].isna().all()
    planned = own_lake.read(STAFFING_DAILY, first=PLAN_DATE, last=PLAN_DATE)
    assert len(only_later) == planned["business_date"].eq(PLAN_DATE + timedelta(days=3)).sum()


def test_the_plan_that_a_person_promotes_is_in_force_and_says_who_and_why(three: str) -> None:
    with connected(three) as connection:
        chosen = promote(connection, plan_named(connection, f"{PLAN_DATE}.1"), "anna", "the second load was doubled", AT)
        assert (chosen.now.version, chosen.former.version) == (1, 2)
        assert _statuses(connection) == {(BEFORE, 1): "superseded", (PLAN_DATE, 1): "current", (PLAN_DATE, 2): "superseded"}
        assert connection.execute("SELECT DISTINCT version FROM current_staffing_plan").fetchall() == [(1,)]
        rows = connection.execute("SELECT * FROM plan_decisions").fetchall()
        assert rows == [(1, "promoted", PLAN_DATE, 1, PLAN_DATE, 2, "anna", "the second load was doubled", AT)]
        listed = newest_plans(connection, 2)
        assert listed["version"].to_list() == [2, 1]
        words = "by anna: the second load was doubled"
        assert listed["decision"].to_list() == [f"taken out {words}", f"put in force {words}"]
        with pytest.raises(NeedsPersonError, match="is in force already; nothing was changed"):
            promote(connection, plan_named(connection, f"{PLAN_DATE}.1"), "anna", "again", AT)


def test_rolling_back_passes_over_rejected_plans_until_none_is_left(three: str) -> None:
    with connected(three) as connection:
        seen = [roll_back(connection, "anna", "wrong numbers", AT).now for _ in range(2)]
        assert [(plan.plan_date, plan.version) for plan in seen] == [(PLAN_DATE, 1), (BEFORE, 1)]
        with pytest.raises(NeedsPersonError, match="it stays in force"):
            roll_back(connection, "anna", "wrong numbers", AT)
        assert _statuses(connection) == {(BEFORE, 1): "current", (PLAN_DATE, 1): "rejected", (PLAN_DATE, 2): "rejected"}
        assert connection.execute("SELECT count(*) FROM plan_decisions").fetchone() == (2,)


def test_the_next_night_replaces_a_plan_that_a_person_chose(three: str, own_lake: Lake, queues: pa.Table) -> None:
    tomorrow = PLAN_DATE + timedelta(days=1)
    write_night(own_lake, example_enterprise(Path(own_lake.root).parent), tomorrow, horizon=3)
    with connected(three) as connection:
        roll_back(connection, "anna", "wrong numbers", AT)
        again = publish(connection, PLAN_DATE, own_lake, queues, STAMP)
        assert (again.version, again.status, again.changed) == (2, "rejected", False), "the same numbers stay rejected"
        assert publish(connection, tomorrow, own_lake, queues, STAMP).status == "current"


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("anna", "  ")])
def test_nobody_decides_without_a_name_and_a_reason(three: str, by: str, reason: str) -> None:
    with connected(three) as connection:
        with pytest.raises(NeedsPersonError, match="say who decides"):
            roll_back(connection, by, reason, AT)
        assert connection.execute("SELECT count(*) FROM plan_decisions").fetchone() == (0,)


def test_a_decision_waits_for_no_publisher_longer_than_the_lock(three: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher_lock, "_WAIT", "200ms")
    with connected(three) as other, connected(three) as connection:
        other.execute("SELECT pg_advisory_lock(%s)", [publisher_lock.LOCK])
        with pytest.raises(WarehouseUnreachableError, match="nothing was changed"):
            roll_back(connection, "anna", "wrong numbers", AT)


def test_the_pipelines_role_may_decide_and_a_reader_may_not(three: str, administrator: Callable[[str], str]) -> None:
    with connected(administrator(three)) as connection:
        connection.execute("CREATE ROLE decider LOGIN PASSWORD 'x' IN ROLE leadline_writer")
        connection.execute("CREATE ROLE looker LOGIN PASSWORD 'x' IN ROLE leadline_reader")
    login = make_url(three).set(password="x")
    try:
        with connected(login.set(username="decider").render_as_string(hide_password=False)) as connection:
            assert roll_back(connection, "anna", "wrong numbers", AT).now.version == 1
        with (
            connected(login.set(username="looker").render_as_string(hide_password=False)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            roll_back(connection, "anna", "wrong numbers", AT)
    finally:
        with connected(administrator(three)) as connection:
            connection.execute("DROP ROLE decider, looker")


def test_no_plan_at_all_is_said_in_words(url: str) -> None:
    with connected(url) as connection:
        assert newest_plans(connection, 5).empty
        with pytest.raises(NeedsPersonError, match="holds no plan yet"):
            roll_back(connection, "anna", "wrong numbers", AT)


def test_the_commands_show_and_change_what_is_in_force(three: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = (ROOT / "config" / "enterprise.toml").read_text(encoding="utf-8")
    config = tmp_path / "enterprise.toml"
    config.write_text(settings.replace('warehouse_url = "embedded"', f'warehouse_url = "{three}"'), encoding="utf-8")
    monkeypatch.setenv("LEADLINE_CONFIG", str(config))
    monkeypatch.setattr(out, "_width", 200)  # else long words wrap

    def leadline(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["plan", *words])
        return result.exit_code, " ".join(result.output.split())

    code, said = leadline("diff", f"{PLAN_DATE}.1")
    assert code == 0
    assert f"{PLAN_DATE}.1 -> {PLAN_DATE}.2" in said
    assert "voice_claims Fri 13 Nov 2026" in said
    assert "service" not in said, "queues that did not change are not shown"
    assert leadline("diff", f"{PLAN_DATE}.1", "--level", "enterprise")[1].endswith("say the same at the level enterprise.")
    code, said = leadline("rollback", "--by", "anna", "--reason", "a doubled load")
    assert (code, f"{PLAN_DATE}.1 is in force; {PLAN_DATE}.2 is rejected" in said) == (0, True)
    assert "taken out by anna: a doubled load" in leadline("list")[1]
    code, said = leadline("promote", f"{PLAN_DATE}.2", "--by", "anna", "--reason", "it was right")
    assert (code, f"{PLAN_DATE}.2 is in force" in said) == (0, True)
    code, said = leadline("promote", "2031-01-01", "--reason", "why not")
    assert (code, "holds no plan of the night of 2031-01-01" in said) == (1, True)
