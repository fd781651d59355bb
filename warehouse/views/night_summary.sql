CREATE VIEW night_summary AS
SELECT
    s.business_date,
    max(s.version) AS version,
    max(v.status) AS plan_status,
    count(*) AS steps,
    string_agg(s.step, ', ' ORDER BY s.step) FILTER (WHERE s.status IN ('failed', 'upstream_failed')) AS failed_steps,
    sum(s.task_seconds) AS task_seconds,
    sum(s.rows_in) AS rows_in,
    sum(s.rows_kept) AS rows_kept,
    sum(s.rows_quarantined) AS rows_quarantined,
    sum(s.rows_duplicate) AS rows_duplicate,
    max(s.queues) FILTER (WHERE s.step IN ('forecast', 'merge_forecast')) AS queues_forecast,
    max(s.queues) FILTER (WHERE s.step IN ('staff', 'merge_staffing')) AS queues_staffed,
    max(s.yesterday_error_fraction) AS yesterday_error_fraction,
    sum(s.flags) AS flags,
    string_agg(s.flagged_rules, ', ' ORDER BY s.step) AS flagged_rules,
    max(s.recorded_at) AS recorded_at
FROM run_summary AS s
LEFT JOIN plan_version AS v ON v.plan_date = s.business_date AND v.version = s.version
GROUP BY s.business_date;

COMMENT ON VIEW night_summary IS 'Every night in one row: plan, steps that failed, time of all tasks, rows in and put aside, queues, accuracy of the day that closed, flags.';
COMMENT ON COLUMN night_summary.plan_status IS 'Whether the night''s plan is in force; missing where there is none. Unit: text.';
COMMENT ON COLUMN night_summary.steps IS 'Steps that are known of. Unit: steps.';
COMMENT ON COLUMN night_summary.failed_steps IS 'Steps that failed or could not start for that, separated by commas; missing where there are none. Unit: text.';
COMMENT ON COLUMN night_summary.queues_forecast IS 'Queues that were forecast. Unit: queues.';
COMMENT ON COLUMN night_summary.queues_staffed IS 'Queues that were staffed. Unit: queues.';
