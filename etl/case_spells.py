"""When each case was work: from its opening until it was done, and again from every re-opening (pure SQL)."""

from __future__ import annotations

CASE_SPELLS_SQL = r"""
WITH changes AS (
  SELECT case_id, case_event_id, changed_at,
    coalesce(regexp_matches(new_value, '^\s*(closed|resolved|solved|completed|done)\b', 'i'), false) AS done,
    coalesce(regexp_matches(old_value, '^\s*(closed|resolved|solved|completed|done)\b', 'i'), false) AS was_done
  FROM case_events WHERE lower(field_name) = 'status' AND lower(new_value) IS DISTINCT FROM 'deleted'
),
counted AS (
  SELECT *, sum((was_done AND NOT done)::BIGINT) OVER (PARTITION BY case_id ORDER BY changed_at, case_event_id) AS spell
  FROM changes
),
found AS (
  SELECT case_id, spell, min(changed_at) AS began, min(changed_at) FILTER (done) AS done_at FROM counted GROUP BY ALL
),
spells AS (
  SELECT case_id, 0 AS spell, opened_at AS began FROM cases
  UNION ALL
  SELECT case_id, spell, began FROM found WHERE spell > 0
)
SELECT c.case_id, c.queue_id, s.began AS arrived_at,
  CASE WHEN s.spell = max(s.spell) OVER (PARTITION BY c.case_id) THEN coalesce(c.resolved_at, c.closed_at)
    ELSE coalesce(f.done_at, lead(s.began) OVER (PARTITION BY c.case_id ORDER BY s.spell)) END AS done_at
FROM spells s JOIN cases c USING (case_id) LEFT JOIN found f USING (case_id, spell)
"""
"""Spells of work on each case, from views `cases` and `case_events`: case_id, queue_id, arrived_at, done_at (missing while open).

At any instant a case is open if one of its spells is, whatever happened to it later: a case re-opened after a night's cut-off is
done on that night. The last spell ends as `etl.cases.resolved` says; an earlier one whose end the history does not show ends
at the re-opening.
"""
