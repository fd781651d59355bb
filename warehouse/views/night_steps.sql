CREATE VIEW night_steps AS
SELECT
    s.business_date,
    s.step,
    s.status,
    s.task_runs,
    s.task_seconds,
    s.rows_in,
    s.rows_kept,
    s.rows_quarantined,
    s.rows_duplicate,
    s.rows_written,
    s.queues,
    s.yesterday_error_fraction,
    s.version,
    s.flags,
    s.flagged_rules,
    s.log_address,
    s.recorded_at
FROM run_summary AS s;

COMMENT ON VIEW night_steps IS 'How each step of every night went: outcome, time, rows, and what it says about the plan.';
