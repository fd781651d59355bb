"""What must be true of stitched workstreams and their links beyond their form."""

from __future__ import annotations

import pandas as pd

from expectations.rule import Night, Rule, tallied
from expectations.suites.rows import RowRule, on_its_day, row_rules, with_time_zone
from warehouse.tables.workstreams import INFERRED_RULE, UNLINKED_RULES, WORKSTREAM_LINKS, WORKSTREAMS

_MEND = "tell whoever looks after Leadline, with the workstream: the step that stitches is wrong"
_UNLINKED = ", ".join(f"'{rule}'" for rule in UNLINKED_RULES)


def _begun_are_there(night: Night) -> pd.DataFrame:
    """One row: items of the night that a workstream is named after, and those of them whose workstream is not there."""
    sql = """
    SELECT count(*), count(*) FILTER (WHERE w.workstream_id IS NULL),
      min(l.workstream_id) FILTER (WHERE w.workstream_id IS NULL)
    FROM (SELECT DISTINCT workstream_id, business_date FROM workstream_links
      WHERE workstream_id = item_kind || ':' || item_id) l
    LEFT JOIN workstreams w ON w.workstream_id = l.workstream_id AND w.business_date = l.business_date
    """
    count, missing, first = night.rows(sql)[0]
    return tallied([(None, count, missing, f"no workstream {first}" if missing else "")])


RULES: tuple[Rule, ...] = (
    *row_rules(
        "workstreams",
        WORKSTREAM_LINKS,
        [
            RowRule(
                "link_says_what_it_is",
                "stop",
                f"inferred <> (rule = '{INFERRED_RULE}') OR (linked_id IS NULL) <> (rule IN ({_UNLINKED}))",
                "item_kind || ' ' || item_id || ' by ' || rule || coalesce(' to ' || linked_id, ' to nothing')",
                "inferred links are marked, and every rule but the first item's names what it attached to",
                _MEND,
            ),
            on_its_day(WORKSTREAM_LINKS, "happened_at"),
        ],
        lambda night: with_time_zone(night, "workstream_links"),
    ),
    *row_rules(
        "workstreams",
        WORKSTREAMS,
        [
            RowRule(
                "workstream_times_in_order",
                "stop",
                "first_contact_at < opened_at OR last_contact_at < first_contact_at OR resolved_at < opened_at",
                "workstream_id || ' opened ' || opened_at::VARCHAR || "
                "coalesce(', first contact ' || first_contact_at::VARCHAR, '') || "
                "coalesce(', resolved ' || resolved_at::VARCHAR, '')",
                "a workstream is opened, contacted and resolved in this order",
                _MEND,
            ),
            RowRule(
                "spans_make_the_resolution",
                "stop",
                "abs(in_contact_seconds + waiting_on_us_seconds + waiting_on_customer_seconds - resolution_seconds) > 1",
                "workstream_id || ' resolved after ' || resolution_seconds || ' seconds, its spans ' || "
                "(in_contact_seconds + waiting_on_us_seconds + waiting_on_customer_seconds)",
                "time in contact, waiting on us and on the customer make the time to resolution",
                _MEND,
            ),
            on_its_day(WORKSTREAMS, "opened_at"),
        ],
        lambda night: with_time_zone(night, "workstreams"),
    ),
    Rule(
        "begun_workstreams_are_there",
        "workstreams",
        WORKSTREAM_LINKS,
        "stop",
        "every item that begins a workstream has it",
        _MEND,
        _begun_are_there,
    ),
)
