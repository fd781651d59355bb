CREATE VIEW data_quality_tonight AS
SELECT
    d.plan_date,
    d.version,
    d.stage,
    d.table_name,
    d.rule,
    d.severity,
    d.result,
    d.rows_checked,
    d.rows_failed,
    d.rows_quarantined,
    d.queues_affected,
    d.observed,
    d.expected,
    d.next_step
FROM plan_version AS v
JOIN data_quality AS d ON d.plan_date = v.plan_date AND d.version = v.version
WHERE v.status = 'current';

COMMENT ON VIEW data_quality_tonight IS 'What every check of the plan in force found; filter on result = ''failed'' to see what needs a look.';
