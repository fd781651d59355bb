"""What is said about days that are over is kept beside what was said before; what was planned is never touched."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest

from enterprise.settings import Enterprise
from tests.support.example_ledger import write_ledger
from tests.support.example_night import PLAN_DATE, STAMP
from warehouse.database import connected
from warehouse.lake import Lake
from warehouse.publish import publish
from warehouse.statements import publish_statements

pytestmark = pytest.mark.integration
DAY = PLAN_DATE + timedelta(days=1)
LATER = STAMP.made_at + timedelta(days=1)


def test_late_data_are_stated_beside_what_was_said_before(
    url: str, own_lake: Lake, queues: pa.Table, enterprise: Enterprise
) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP)
        write_ledger(own_lake, enterprise, DAY)
        first = publish_statements(connection, DAY, own_lake, STAMP.made_at)["accuracy_ledger"]
        assert first > 0
        assert publish_statements(connection, DAY, own_lake, LATER)["accuracy_ledger"] == 0, "nothing new, nothing stated"
        planned = connection.execute("SELECT md5(string_agg(f::text, '' ORDER BY f::text)) FROM forecast_daily AS f").fetchone()
        write_ledger(own_lake, enterprise, DAY, more_contacts=5)
        again = publish_statements(connection, DAY, own_lake, LATER)["accuracy_ledger"]
        assert again == first, "every queue had five more"
        statements = connection.execute(
            "SELECT offered_contacts FROM accuracy_ledger WHERE level = 'queue' AND member_id = 'voice_claims' ORDER BY stated_at"
        ).fetchall()
        seen = connection.execute(
            "SELECT offered_contacts FROM accuracy_by_lead WHERE level = 'queue' AND member_id = 'voice_claims' AND weeks = 4"
        ).fetchone()
        assert [row[0] for row in statements] == [seen[0] - 5, seen[0]] if seen else False
        after = connection.execute("SELECT md5(string_agg(f::text, '' ORDER BY f::text)) FROM forecast_daily AS f").fetchone()
    assert planned == after


def test_the_views_say_what_the_rows_say(url: str, own_lake: Lake, queues: pa.Table, enterprise: Enterprise) -> None:
    with connected(url) as connection:
        publish(connection, PLAN_DATE, own_lake, queues, STAMP)
        write_ledger(own_lake, enterprise, DAY)
        publish_statements(connection, DAY, own_lake, STAMP.made_at)
        view = connection.execute(
            "SELECT days, wape_fraction, bias_fraction, coverage_80_fraction FROM accuracy_by_lead "
            "WHERE level = 'enterprise' AND weeks = 13 AND lead_days = 1"
        ).fetchone()
        row = connection.execute(
            "SELECT absolute_error_contacts / offered_contacts, error_contacts / offered_contacts, inside_80_band::int "
            "FROM accuracy_ledger WHERE level = 'enterprise' AND lead_days = 1"
        ).fetchone()
        value = connection.execute("SELECT override_id, days, saved_error_contacts FROM override_value").fetchall()
    assert row is not None
    assert view == (1, pytest.approx(row[0]), pytest.approx(row[1]), pytest.approx(row[2]))
    assert value == [(1, 1, 0.0)], "a change of handle time saves no error of contacts"
