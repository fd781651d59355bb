CREATE VIEW patience_tonight AS
SELECT
    t.plan_date,
    t.version,
    t.queue_id,
    q.queue_name,
    q.channel,
    t.period,
    t.offered_contacts,
    t.abandoned_contacts,
    t.wait_seconds,
    t.mean_patience_seconds,
    t.mean_patience_seconds_low,
    t.mean_patience_seconds_high,
    t.queue_weight_contacts,
    t.checked_contacts,
    t.observed_abandoned_fraction,
    t.predicted_abandoned_fraction
FROM plan_version AS v
JOIN patience AS t ON t.plan_date = v.plan_date AND t.version = v.version
JOIN queue AS q ON q.queue_id = t.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW patience_tonight IS 'How long customers of each queue and period wait before they give up, as the plan in force takes it, and whether it holds.';
