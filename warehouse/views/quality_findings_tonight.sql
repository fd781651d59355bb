CREATE VIEW quality_findings_tonight AS
SELECT
    f.plan_date,
    f.version,
    f.severity,
    f.rule,
    f.subject_kind,
    f.subject_id,
    CASE f.subject_kind WHEN 'queue' THEN coalesce(q.queue_name, f.subject_id) ELSE f.subject_id END AS subject_name,
    f.business_date,
    trim(to_char(f.business_date, 'Day')) AS weekday,
    f.business_date > f.plan_date - 28 AS is_recent,
    f.action,
    CASE f.action
        WHEN 'kept_back' THEN 'no plan was made; the last good one stays in force'
        WHEN 'held' THEN 'the day is left out; the plan rests on the good days before'
        WHEN 'released' THEN 'the day is used: a person found it right'
        ELSE 'only noted'
    END AS what_the_plan_did,
    f.measure,
    f.observed_value,
    f.expected_value,
    f.expected_low,
    f.expected_high,
    f.reason,
    f.next_step,
    f.stage,
    f.table_name
FROM plan_version AS v
JOIN quality_findings AS f ON f.plan_date = v.plan_date AND f.version = v.version
LEFT JOIN queue AS q ON f.subject_kind = 'queue' AND q.queue_id = f.subject_id
WHERE v.status = 'current';

COMMENT ON VIEW quality_findings_tonight IS 'Where the checks of the plan in force failed: which queue, feed or table and which day, what was seen and expected, and what the plan did about it.';
COMMENT ON COLUMN quality_findings_tonight.subject_name IS 'Name that people use for a queue; else the subject itself. Unit: text.';
COMMENT ON COLUMN quality_findings_tonight.is_recent IS 'Whether the day lies in the last four weeks: earlier ones are left out too, but change little. Unit: flag.';
COMMENT ON COLUMN quality_findings_tonight.what_the_plan_did IS 'The action in words. Unit: text.';
