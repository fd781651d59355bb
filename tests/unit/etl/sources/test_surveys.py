from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from enterprise.report_sources import Surveys
from etl.sources import surveys
from warehouse.lake import conformed
from warehouse.tables.core import SURVEYS

WIDE = Surveys(
    kind="surveys", url="csat-*.csv", time_format="%d/%m/%Y %H:%M", contacts_of="acd", words={"very satisfied": 5},
    columns={"survey_id": "Response ID", "answered_at": "Submitted", "contact_id": "Call ID", "agent_id": "Agent"},
    questions={
        "csat": {"column": "CSAT (1-5)", "minimum": 1, "maximum": 5},
        "nps": {"column": "Likelihood to recommend (0-10)", "maximum": 10},
    },
)  # fmt: skip
PULSE = Surveys(
    kind="surveys", url="pulse-*.csv", respondent_kind="employee", scales={"workload": 5, "tools": 5, "manager": 10},
    columns={"survey_id": "answer", "answered_at": "at", "agent_id": "employee", "topic": "statement", "score": "agreement"},
)  # fmt: skip


def rules(parsed):
    return [(row["landing_row"], row["rule"]) for row in parsed.quarantine.to_pylist()]


def test_every_score_of_an_answer_is_a_row_about_its_contact(read_bytes, golden):
    parsed = read_bytes(surveys, WIDE, {"csat-1.csv": golden("surveys/csat-nps-2026-11.csv")})
    rows = conformed(SURVEYS, parsed.tables[SURVEYS]).to_pylist()
    assert [(row["survey_id"], row["score"], row["scale_maximum"]) for row in rows] == [
        ("src:R1:csat", 5.0, 5.0), ("src:R1:nps", 10.0, 10.0), ("src:R2:nps", 0.0, 10.0), ("src:R4:nps", 9.0, 10.0),
        ("src:R6:csat", 5.0, 5.0),
    ]  # fmt: skip
    assert (rows[0]["contact_id"], rows[0]["respondent_kind"]) == ("acd:1794470400.17", "customer")
    assert (rows[0]["answered_at"], rows[0]["business_date"]) == (datetime(2026, 11, 12, 8, 15, tzinfo=UTC), date(2026, 11, 12))
    assert rows[3]["contact_id"] is None
    assert rules(parsed) == [(4, "no_answer"), (5, "out_of_bounds"), (6, "unreadable_time"), (7, "unreadable_number")]
    (count,) = parsed.counts
    assert (count.rows_in, count.rows_kept, count.rows_quarantined, count.rows_duplicate) == (10, 5, 4, 1)
    assert "Never read" not in str(rows)


def test_statements_of_a_pulse_survey_have_scales_of_their_own(read_bytes, golden):
    parsed = read_bytes(surveys, PULSE, {"pulse-1.csv": golden("surveys/pulse-2026-11.csv")})
    rows = conformed(SURVEYS, parsed.tables[SURVEYS]).to_pylist()
    assert [(row["survey_id"], row["agent_id"], row["score"], row["topic"]) for row in rows] == [
        ("src:P1", "A0001", 2.0, "workload"), ("src:P2", None, 3.5, "tools"),
    ]  # fmt: skip
    assert {row["respondent_kind"] for row in rows} == {"employee"}
    assert rules(parsed) == [(4, "out_of_bounds"), (5, "unknown_scale"), (6, "missing_value"), (7, "missing_value")]


def test_one_scale_for_all_topics(read_bytes, golden):
    parsed = read_bytes(surveys, PULSE.model_copy(update={"scales": {"*": 10}}), {"p.csv": golden("surveys/pulse-2026-11.csv")})
    assert parsed.tables[SURVEYS]["scale_maximum"].to_pylist() == [10.0] * 3


@pytest.mark.parametrize("change", [{"questions": {}}, {"columns": {**WIDE.columns.model_dump(), "score": "x"}}])
def test_scores_stand_in_one_column_or_in_one_per_question(change):
    with pytest.raises(ValidationError, match=r"columns\.score"):
        Surveys(**{**WIDE.model_dump(), **change})


ROWS = st.lists(
    st.sampled_from(["R1,12/11/2026 09:15,c,a,5,10,x", ",,,,,,", "R2,x,,,nan,1e99,", '"']) | st.text(max_size=20), max_size=8
)


def test_every_row_is_accounted_for_whatever_the_text(read_bytes):
    @settings(max_examples=60, deadline=None)
    @given(ROWS)
    def check(lines):
        header = "Response ID,Submitted,Call ID,Agent,CSAT (1-5),Likelihood to recommend (0-10),Comment\n"
        read_bytes(surveys, WIDE, {"csat-1.csv": (header + "\n".join(lines)).encode("utf-8", "replace")}).checked()

    check()
