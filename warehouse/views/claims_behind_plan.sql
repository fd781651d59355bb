CREATE VIEW claims_behind_plan AS
SELECT
    c.plan_date,
    c.version,
    c.queue_id,
    q.queue_name,
    q.channel,
    c.claim_class,
    c.reported_date,
    c.reported_date > c.plan_date AS is_expected,
    c.is_storm,
    c.reported_claims,
    c.business_date,
    trim(to_char(c.business_date, 'Day')) AS weekday,
    c.lead_days,
    c.contacts,
    c.peak_positions,
    c.position_hours,
    CASE WHEN c.is_storm THEN 'storm claims' ELSE 'claims' END
        || CASE WHEN c.reported_date > c.plan_date THEN ' expected on ' ELSE ' of ' END
        || to_char(c.reported_date, 'FMDD Mon') || ' (' || c.claim_class || '): '
        || to_char(c.contacts, 'FMSG999999990') || ' '
        || CASE q.channel WHEN 'voice' THEN 'call' WHEN 'chat' THEN 'chat' WHEN 'email' THEN 'mail' ELSE 'item' END
        || CASE WHEN round(c.contacts) = 1 THEN '' ELSE 's' END
        || CASE
            WHEN c.peak_positions IS NULL THEN to_char(c.position_hours, '", "FMSG999999990.0" hours of work"')
            WHEN c.peak_positions = 0 THEN ', no more positions'
            WHEN c.peak_positions = 1 THEN ', +1 position'
            ELSE to_char(c.peak_positions, '", "FMSG999999990" positions"')
        END
        || ' on ' || to_char(c.business_date, 'FMDD Mon') AS in_words
FROM plan_version AS v
JOIN claims_positions AS c ON c.plan_date = v.plan_date AND c.version = v.version
JOIN queue AS q ON q.queue_id = c.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW claims_behind_plan IS 'Which claims bring which contacts, and whom that takes: one row per queue, class, day of reporting and day of the plan in force.';
COMMENT ON COLUMN claims_behind_plan.is_expected IS 'Whether the claims are yet to be reported. Unit: true or false.';
COMMENT ON COLUMN claims_behind_plan.in_words IS 'All of it in one phrase. Unit: text.';
