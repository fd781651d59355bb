"""Who waits for whom: every moment of a workstream belongs to exactly one stage (pure SQL).

From its opening to its resolution (or the cut-off, while it is open) a workstream is, in this order of precedence,

1. `in_contact` while somebody of ours talks with the customer or does after-contact work;
2. `waiting_for_answer` while the customer waits in a queue, a mail of the customer's that needs a reply has none, or a contact
   that nobody took has not been made good: by an answered contact, a call or a mail of ours in the same workstream;
3. `case_work` while a case is open and not put on hold;
4. `claim_assessment` while a claim is open, not put on hold and not assessed yet, 5. `claim_settlement` after that;
6. `waiting_on_customer` else: nothing is left for us to do, or what is open is on hold.

The stages 2 to 5 together are the time the customer waited for us. What had not happened by the cut-off does not exist: no
answer, no end of a contact and no change of a status at or after it.
"""

# ruff: noqa: S608 - SQL is put together from declared names and constants, never from data.

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from warehouse.tables.workstreams import STAGES

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_KINDS = ("in_contact", "waiting_for_answer", "case_work", "claim_assessment", "claim_settlement", "held")
"""What a span may be, in order of precedence: the stages in which something is left to do, and work put on hold."""
_IN_CONTACT, _ANSWER, _CASE, _ASSESSMENT, _SETTLEMENT, _HELD = range(len(_KINDS))

DONE = r"^\s*(closed|resolved|solved|completed|done)\b"
"""Statuses of cases and claims that are over."""

_LONGEST_CONTACT_US = 86_400_000_000
_EARLIER_US = 86_400_000_000
"""A change told to be earlier than this before its case or claim was opened belongs to something else."""

CALLS_SQL = f"""
SELECT ws, item, item_id, channel, direction, arrived_by, customer_id, arrived_us, answered_us,
  CASE WHEN answered_us IS NOT NULL THEN agent_id END AS agent_id,
  CASE WHEN answered_us IS NULL THEN 0 ELSE least(handle_seconds, (getvariable('cut_us') - answered_us) / 1e6) END
    AS handle_seconds,
  greatest(least(ended_us, getvariable('cut_us')), coalesce(answered_us, arrived_us)) AS over_us,
  ended_us >= getvariable('cut_us') AS running
FROM (
  SELECT *, coalesce(given_end_us, coalesce(answered_us, arrived_us) + {_LONGEST_CONTACT_US}) AS ended_us FROM (
    SELECT m.ws, m.item, m.item_id, c.channel, c.direction, c.arrived_by, c.customer_id, c.agent_id, c.handle_seconds,
      epoch_us(c.arrived_at) AS arrived_us, epoch_us(c.ended_at) AS given_end_us,
      CASE WHEN epoch_us(c.answered_at) < getvariable('cut_us') THEN greatest(epoch_us(c.answered_at), epoch_us(c.arrived_at)) END
        AS answered_us
    FROM members m JOIN contacts c ON m.item_kind = 'contact' AND m.item_id = c.contact_id AND m.segment = c.segment))
"""
"""Contacts as known at the cut-off. One whose end was never written down is over after a day."""

MAILS_SQL = """
SELECT m.ws, m.item, s.direction, s.automatic, s.needs_reply, s.customer_id, s.agent_id,
  coalesce(s.handle_seconds, 0) AS handle_seconds,
  epoch_us(s.received_at) AS received_us,
  CASE WHEN epoch_us(s.handled_at) < getvariable('cut_us') THEN greatest(epoch_us(s.handled_at), epoch_us(s.received_at)) END
    AS handled_us
FROM members m JOIN messages s ON m.item_kind = 'message' AND m.item_id = s.message_id
"""

STATUSES_SQL = f"""
WITH work AS (
  SELECT m.ws, m.item, m.item_kind, m.item_id, epoch_us(c.opened_at) AS opened_us,
    epoch_us(coalesce(c.resolved_at, c.closed_at)) AS done_us, NULL::BIGINT AS assessed_us
  FROM members m JOIN cases c ON m.item_kind = 'case' AND m.item_id = c.case_id
  UNION ALL
  SELECT m.ws, m.item, m.item_kind, m.item_id, epoch_us(c.reported_at), epoch_us(c.closed_at), epoch_us(c.assessed_at)
  FROM members m JOIN claims c ON m.item_kind = 'claim' AND m.item_id = c.claim_id
),
told AS (
  SELECT ws, item, item_kind, opened_us AS at_us, 0 AS step, '' AS event_id, 'opened' AS status, NULL::VARCHAR AS changed_by
  FROM work
  UNION ALL
  SELECT ws, item, item_kind, greatest(epoch_us(changed_at), opened_us), 1, case_event_id, coalesce(new_value, ''),
    CASE WHEN old_value IS NOT NULL THEN changed_by END
  FROM work JOIN case_events ON item_kind = 'case' AND item_id = case_id WHERE lower(field_name) = 'status'
    AND epoch_us(changed_at) > opened_us - {_EARLIER_US}
  UNION ALL
  SELECT ws, item, item_kind, greatest(epoch_us(changed_at), opened_us), 1, claim_event_id, status,
    CASE WHEN row_number() OVER (PARTITION BY claim_id ORDER BY changed_at, claim_event_id) > 1 THEN changed_by END
  FROM work JOIN claim_events ON item_kind = 'claim' AND item_id = claim_id
  WHERE epoch_us(changed_at) > opened_us - {_EARLIER_US}
  UNION ALL SELECT ws, item, item_kind, greatest(assessed_us, opened_us), 2, '', 'assessed', NULL FROM work
  UNION ALL SELECT ws, item, item_kind, greatest(done_us, opened_us), 3, '', 'closed', NULL FROM work
),
sorted AS (
  SELECT ws, item, item_kind, at_us, step, event_id, changed_by,
    CASE
      WHEN step = 2 THEN NULL
      WHEN regexp_matches(status, '{DONE}', 'i') THEN 'done'
      WHEN regexp_matches(status, getvariable('waiting'), 'i') THEN 'held'
      WHEN regexp_matches(status, getvariable('working'), 'i') THEN 'working'
      ELSE 'open'
    END AS told_state,
    max(step = 2) OVER w AS assessed
  FROM told WHERE at_us IS NOT NULL AND at_us < getvariable('cut_us')
  WINDOW w AS (PARTITION BY item ORDER BY at_us, step, event_id)
)
SELECT *, lag(state) OVER w AS state_before, lead(at_us) OVER w AS until_us FROM (
  SELECT *, last_value(told_state IGNORE NULLS) OVER w AS state FROM sorted
  WINDOW w AS (PARTITION BY item ORDER BY at_us, step, event_id))
WINDOW w AS (PARTITION BY item ORDER BY at_us, step, event_id)
"""
"""States of cases and claims, one row per change: open, working, held or done from `at_us` until `until_us` (missing: still).

A source without a history of changes tells the opening, the assessment and the end by its columns alone. `changed_by` names who
made a change; who opened a case or registered a claim is not in charge of it.
"""

ENDS_SQL = """
WITH happened AS (
  SELECT ws, over_us AS at_us, running AS undone, false AS automatic FROM calls
  UNION ALL SELECT ws, received_us, needs_reply AND handled_us IS NULL, automatic FROM mails
  UNION ALL SELECT ws, at_us, until_us IS NULL AND state <> 'done', false FROM statuses
    WHERE until_us IS NULL OR (state = 'done' AND state_before <> 'done')
),
lasts AS (
  SELECT ws, coalesce(max(at_us) FILTER (NOT automatic), max(at_us)) AS last_us, bool_or(undone) AS undone
  FROM happened GROUP BY ws
)
SELECT ws, opened_us, CASE WHEN resolved THEN last_us END AS resolved_us,
  CASE WHEN resolved THEN last_us ELSE getvariable('cut_us') END AS end_us
FROM (
  SELECT ws, opened_us, greatest(last_us, opened_us) AS last_us,
    NOT undone AND greatest(last_us, opened_us) + getvariable('quiet_us') <= getvariable('cut_us') AS resolved
  FROM (SELECT ws, min(epoch_us(happened_at)) AS opened_us FROM members GROUP BY ws) JOIN lasts USING (ws))
"""
"""When each workstream ends: with the last thing that happened, once nothing is left undone and the quiet days are over."""

REPLIES_SQL = """
SELECT ws, answered_us AS at_us FROM calls WHERE answered_us IS NOT NULL
UNION ALL SELECT ws, arrived_us FROM calls WHERE direction = 'outbound'
UNION ALL SELECT ws, received_us FROM mails WHERE direction = 'outbound' AND NOT automatic
"""
"""What makes an unanswered contact good."""

SPANS_SQL = f"""
WITH missed AS (
  SELECT c.ws, c.over_us, r.at_us FROM calls c ASOF LEFT JOIN replies r ON c.ws = r.ws AND c.over_us <= r.at_us
  WHERE c.direction = 'inbound' AND c.answered_us IS NULL AND NOT c.running
),
spans AS (
  SELECT ws, {_IN_CONTACT} AS kind, answered_us AS from_us, over_us AS until_us FROM calls WHERE answered_us IS NOT NULL
  UNION ALL SELECT ws, {_ANSWER}, arrived_us, coalesce(answered_us, over_us) FROM calls WHERE direction = 'inbound'
  UNION ALL SELECT ws, {_ANSWER}, over_us, at_us FROM missed
  UNION ALL SELECT ws, {_ANSWER}, received_us, handled_us FROM mails WHERE needs_reply
  UNION ALL SELECT ws, {_HELD}, at_us, until_us FROM statuses WHERE state = 'held'
  UNION ALL
  SELECT ws, CASE WHEN item_kind = 'case' THEN {_CASE} WHEN assessed THEN {_SETTLEMENT} ELSE {_ASSESSMENT} END, at_us, until_us
  FROM statuses WHERE state IN ('open', 'working')
)
SELECT ws, kind, least(from_us, end_us) AS from_us, least(coalesce(until_us, end_us), end_us) AS until_us
FROM spans JOIN ends USING (ws)
"""
"""Spans in which somebody acts or waits (kind: a number of `_KINDS`), none beyond the workstream's end."""


def stage_seconds(spans: pa.Table, ends: pa.Table, quiet_us: int) -> pa.Table:
    """How long each workstream was in each stage, and whether something came after it had been done and quiet.

    Args:
        spans: columns ws, kind, from_us and until_us, as `SPANS_SQL` gives them: within their workstream's time.
        ends: columns ws (0, 1, 2 ... in any order), opened_us, end_us and resolved_us, one row per workstream.
        quiet_us: microseconds without anything left to do after which a workstream counts as done.

    Returns:
        One row per workstream in order of ws: ws, `<stage>_us` for every stage (their sum is end_us - opened_us) and came_back.

    Example:
        >>> spans = pa.table({"ws": [0, 0], "kind": [1, 0], "from_us": [0, 40], "until_us": [40, 90]})
        >>> ends = pa.table({"ws": [0], "opened_us": [0], "end_us": [100], "resolved_us": pa.array([None], pa.int64())})
        >>> made = stage_seconds(spans, ends, quiet_us=1000).to_pylist()[0]
        >>> made["waiting_for_answer_us"], made["in_contact_us"], made["waiting_on_customer_us"]
        (40, 50, 10)
    """
    ws, kind, since, until = (_numbers(spans, name) for name in ("ws", "kind", "from_us", "until_us"))
    every, opened, end = (_numbers(ends, name) for name in ("ws", "opened_us", "end_us"))
    none = np.zeros(len(every), dtype=np.int64)
    mark_ws = np.concatenate([ws, ws, every, every])
    mark_at = np.concatenate([since, until, opened, end])
    mark_kind = np.concatenate([kind, kind, none, none])
    change = np.concatenate([np.ones(len(ws), np.int64), -np.ones(len(ws), np.int64), none, none])
    order = np.lexsort((mark_at, mark_ws))
    mark_ws, mark_at, mark_kind, change = mark_ws[order], mark_at[order], mark_kind[order], change[order]
    # Every span that begins also ends, so that a running sum is back at zero where the next workstream begins.
    going_on = [np.cumsum(np.where(mark_kind == number, change, 0)) > 0 for number in range(len(_KINDS))]
    stage = np.select(going_on[:_HELD], range(_HELD), default=_HELD)
    lasted = np.where(mark_ws[1:] == mark_ws[:-1], mark_at[1:] - mark_at[:-1], 0)
    stage, held, mark_ws = stage[:-1], going_on[_HELD][:-1], mark_ws[:-1]
    columns: dict[str, IntArray | BoolArray] = {"ws": np.arange(len(every))}
    for number, name in enumerate(STAGES):
        inside = stage == number
        columns[f"{name}_us"] = np.bincount(mark_ws[inside], lasted[inside], minlength=len(every)).astype(np.int64)
    over = np.full(len(every), np.iinfo(np.int64).max)
    still_open = np.asarray(ends.column("resolved_us").is_null().to_numpy(), dtype=bool)
    over[every[still_open]] = end[still_open]  # the cut-off itself is nothing that came
    quiet = (stage == _HELD) & ~held & (lasted >= quiet_us) & (mark_at[1:] < over[mark_ws])
    columns["came_back"] = np.bincount(mark_ws[quiet], minlength=len(every)) > 0
    return pa.table(columns)


def _numbers(table: pa.Table, name: str) -> IntArray:
    return np.asarray(table.column(name).to_numpy(), dtype=np.int64)
