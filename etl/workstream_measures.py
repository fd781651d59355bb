"""What is said of every workstream: who was in it, how long it took, and whether the first contact was enough (pure SQL)."""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import re

from enterprise.workstreams import WorkstreamRules
from etl.stages import (
    CALLS_SQL,
    ENDS_SQL,
    MAILS_SQL,
    REPLIES_SQL,
    SPANS_SQL,
    STATUSES_SQL,
)
from warehouse.tables.core import CONTACTS
from warehouse.tables.workstreams import STAGES

DAY_US = 86_400_000_000

_CUSTOMERS_CONTACTS_SQL = """
SELECT ws, item, channel, arrived_us AS at_us, customer_id FROM calls WHERE direction = 'inbound' AND arrived_by = 'customer'
UNION ALL SELECT ws, item, 'email', received_us, customer_id FROM mails WHERE direction = 'inbound' AND NOT automatic
"""

_ACTORS_SQL = """
SELECT ws, at_us, item, agent_id, lag(agent_id) OVER (PARTITION BY ws ORDER BY at_us, item, step) AS agent_before FROM (
  SELECT ws, answered_us AS at_us, item, '' AS step, agent_id FROM calls
  UNION ALL SELECT ws, received_us, item, '', agent_id FROM mails WHERE direction = 'outbound'
  UNION ALL SELECT ws, at_us, item, event_id, changed_by FROM statuses)
WHERE agent_id IS NOT NULL
"""

_PEOPLE_SQL = """
SELECT ws, count(DISTINCT agent_id) AS agents_involved, count(*) FILTER (agent_id <> agent_before) AS handovers
FROM actors GROUP BY ws
"""

_FACTS_SQL = """
SELECT ws, any_value(workstream_id) AS workstream_id, min_by(business_date, item) AS business_date, count(*) AS items,
  coalesce(min_by(customer_id, item) FILTER (item_kind IN ('case', 'claim') AND customer_id IS NOT NULL),
    min_by(customer_id, item) FILTER (customer_id IS NOT NULL)) AS customer_id,
  min_by(topic, item) FILTER (topic IS NOT NULL) AS topic
FROM members GROUP BY ws
"""

_CONTACTED_SQL = """
SELECT ws, min(at_us) AS first_us, max(at_us) AS last_us, count(*) FILTER (c.customer_id <> f.customer_id) AS other_party_contacts
FROM customers_contacts c JOIN facts f USING (ws) GROUP BY ws
"""

_COUNTED = ", ".join(
    f"CASE WHEN count(*) FILTER (channel = '{channel}') > 0 THEN '\"{channel}\": ' || count(*) FILTER (channel = '{channel}') END"
    for channel in sorted(CONTACTS.column("channel").allowed)
)
_CHANNELS_SQL = (
    f"SELECT ws, '{{' || concat_ws(', ', {_COUNTED}) || '}}' AS contacts_by_channel FROM customers_contacts GROUP BY ws"
)

_FIRST_CONTACTS_SQL = """
SELECT ws, coalesce(bool_or(at_us > first_us OR item <> first_item), false) AS followed
FROM customers_contacts JOIN (SELECT ws, min(at_us) AS first_us, min_by(item, (at_us, item)) AS first_item FROM customers_contacts
  GROUP BY ws) USING (ws)
WHERE at_us <= first_us + getvariable('fcr_us') GROUP BY ws
"""

_ANSWERED_SQL = """
SELECT DISTINCT ws FROM replies JOIN contacted USING (ws) WHERE at_us BETWEEN first_us AND first_us + getvariable('fcr_us')
"""

_WORK_SQL = """
SELECT ws, coalesce(sum(least(coalesce(until_us, getvariable('cut_us')), end_us) - least(at_us, end_us))
    FILTER (state = 'working'), 0) / 1e6 AS back_office_seconds,
  bool_or(state_before = 'done' AND state <> 'done') AS opened_again
FROM statuses JOIN ends USING (ws) GROUP BY ws
"""

_HANDLED_SQL = """
SELECT ws, sum(handle_us)::BIGINT / 1e6 AS handle_seconds FROM (
  SELECT ws, round(1e6 * handle_seconds)::BIGINT AS handle_us FROM calls
  UNION ALL SELECT ws, round(1e6 * handle_seconds)::BIGINT FROM mails)
GROUP BY ws
"""

_CERTAINTY_SQL = """
SELECT workstream_id, count(*) FILTER (NOT inferred) / count(*) AS link_certainty
FROM chosen_links WHERE linked_id IS NOT NULL GROUP BY workstream_id
"""

_LONGEST = "list_max([{}]).name".format(
    ", ".join(f"{{'us': s.{stage}_us, 'rank': {-place}, 'name': '{stage}'}}" for place, stage in enumerate(STAGES))
)
"""The stage with the most time; of two with the same, the one named first."""

_ROWS_SQL = f"""
SELECT f.workstream_id, f.business_date, f.customer_id, f.topic,
  make_timestamptz(e.opened_us) AS opened_at, make_timestamptz(c.first_us) AS first_contact_at,
  make_timestamptz(c.last_us) AS last_contact_at, make_timestamptz(e.resolved_us) AS resolved_at, f.items,
  coalesce(h.contacts_by_channel, '{{}}') AS contacts_by_channel, coalesce(c.other_party_contacts, 0) AS other_party_contacts,
  coalesce(p.agents_involved, 0) AS agents_involved, coalesce(g.handle_seconds, 0)::DOUBLE AS handle_seconds,
  coalesce(w.back_office_seconds, 0)::DOUBLE AS back_office_seconds, s.in_contact_us / 1e6 AS in_contact_seconds,
  s.waiting_on_customer_us / 1e6 AS waiting_on_customer_seconds,
  (s.waiting_for_answer_us + s.case_work_us + s.claim_assessment_us + s.claim_settlement_us) / 1e6 AS waiting_on_us_seconds,
  (e.resolved_us - e.opened_us) / 1e6 AS resolution_seconds, coalesce(p.handovers, 0) AS handovers,
  coalesce(w.opened_again, false) OR coalesce(s.came_back, false) AS reopened,
  CASE
    WHEN c.first_us IS NULL THEN NULL
    WHEN n.followed THEN false
    WHEN c.first_us + getvariable('fcr_us') > getvariable('cut_us') THEN NULL
    ELSE a.ws IS NOT NULL
  END AS first_contact_resolution,
  CASE WHEN e.end_us > e.opened_us THEN {_LONGEST} END AS longest_stage,
  l.link_certainty
FROM facts f JOIN ends e USING (ws) JOIN stage_seconds s USING (ws)
  LEFT JOIN contacted c USING (ws) LEFT JOIN channels h USING (ws)
  LEFT JOIN people p USING (ws) LEFT JOIN handled g USING (ws) LEFT JOIN work w USING (ws) LEFT JOIN first_contacts n USING (ws)
  LEFT JOIN answered a USING (ws) LEFT JOIN certainty l USING (workstream_id)
ORDER BY f.workstream_id
"""

SPAN_STEPS: tuple[tuple[str, str], ...] = (
    ("calls", CALLS_SQL),
    ("mails", MAILS_SQL),
    ("statuses", STATUSES_SQL),
    ("ends", ENDS_SQL),
    ("replies", REPLIES_SQL),
    ("spans", SPANS_SQL),
)
"""Tables to be made one after the other: from `chosen_links` (all rows of WORKSTREAM_LINKS of some workstreams), `members` (their
items), views of the core tables that hold at least these items and their events, and the variables of `measure_variables`."""

MEASURE_STEPS: tuple[tuple[str, str], ...] = (
    ("customers_contacts", _CUSTOMERS_CONTACTS_SQL),
    ("actors", _ACTORS_SQL),
    ("people", _PEOPLE_SQL),
    ("facts", _FACTS_SQL),
    ("contacted", _CONTACTED_SQL),
    ("channels", _CHANNELS_SQL),
    ("first_contacts", _FIRST_CONTACTS_SQL),
    ("answered", _ANSWERED_SQL),
    ("work", _WORK_SQL),
    ("handled", _HANDLED_SQL),
    ("certainty", _CERTAINTY_SQL),
    ("made_workstreams", _ROWS_SQL),
)
"""Tables to be made after those of `SPAN_STEPS` and after `stage_seconds`; the last holds rows of WORKSTREAMS."""


def measure_variables(rules: WorkstreamRules, cut_off_us: int) -> dict[str, int | str]:
    r"""What the steps ask for besides tables.

    Args:
        rules: the enterprise's rules.
        cut_off_us: the night's cut-off, microseconds since 1970: nothing at or after it has happened.

    Example:
        >>> measure_variables(WorkstreamRules(), 0)["working"]
        '^\\s*(working|in\\ progress)'
    """
    return {
        "cut_us": cut_off_us,
        "quiet_us": rules.resolved_after_quiet_days * DAY_US,
        "fcr_us": rules.first_contact_resolution_days * DAY_US,
        "waiting": _beginning(rules.waiting_statuses),
        "working": _beginning(rules.working_statuses),
    }


def _beginning(statuses: tuple[str, ...]) -> str:
    """Pattern of texts that begin with one of these; of no text if there are none."""
    return rf"^\s*({'|'.join(re.escape(status) for status in statuses)})" if statuses else r"[^\s\S]"
