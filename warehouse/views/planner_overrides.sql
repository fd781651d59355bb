CREATE VIEW planner_overrides AS
SELECT
    o.override_id,
    o.kind,
    o.level,
    o.member_id,
    o.first_date,
    o.last_date,
    o.start_time,
    o.end_time,
    o.value,
    o.event_name,
    o.reason,
    o.valid_until_date,
    o.entered_by,
    o.entered_at,
    s.plan_date AS judged_by_plan_date,
    coalesce(s.status, 'new') AS status,
    coalesce(s.status_reason, 'not looked at yet: the next night''s plan does') AS status_reason,
    w.entered_by AS withdrawn_by,
    w.reason AS withdrawn_reason
FROM planner_override AS o
LEFT JOIN LATERAL (
    SELECT a.plan_date, a.status, a.status_reason
    FROM override_status AS a
    JOIN plan_version AS v ON v.plan_date = a.plan_date AND v.version = a.version AND v.status = 'current'
    WHERE a.override_id = o.override_id
) AS s ON TRUE
LEFT JOIN LATERAL (
    SELECT t.entered_by, t.reason FROM planner_override AS t WHERE t.withdraws = o.override_id ORDER BY t.override_id LIMIT 1
) AS w ON TRUE
WHERE o.kind <> 'withdrawal';

COMMENT ON VIEW planner_overrides IS 'What planners changed, who and why, and what the plan in force does with it: a refused change says what is wrong with it.';
COMMENT ON COLUMN planner_overrides.judged_by_plan_date IS 'Night of the plan in force, if it knows of the change. Unit: date.';
COMMENT ON COLUMN planner_overrides.status IS 'new, applied, waiting, done, expired, withdrawn or refused. Unit: text.';
COMMENT ON COLUMN planner_overrides.withdrawn_by IS 'Who took it back. Unit: text.';
COMMENT ON COLUMN planner_overrides.withdrawn_reason IS 'Why it was taken back. Unit: text.';
