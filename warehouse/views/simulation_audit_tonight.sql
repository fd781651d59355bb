CREATE VIEW simulation_audit_tonight AS
SELECT
    a.plan_date,
    a.version,
    a.queue_id,
    q.queue_name,
    a.channel,
    a.business_date,
    trim(to_char(a.business_date, 'Day')) AS weekday,
    a.interval_start_utc,
    a.interval_start_utc AT TIME ZONE q.time_zone AS interval_start_local,
    a.scope,
    a.handle_times,
    a.positions,
    a.mean_offered_contacts,
    a.predicted_answered_fraction,
    a.simulated_answered_fraction,
    a.simulated_answered_fraction_low,
    a.simulated_answered_fraction_high,
    a.simulated_answered_fraction - a.predicted_answered_fraction AS answered_fraction_difference,
    a.predicted_abandoned_fraction,
    a.simulated_abandoned_fraction,
    a.predicted_mean_wait_seconds,
    a.simulated_mean_wait_seconds,
    a.within_one_point,
    a.assumptions
FROM plan_version AS v
JOIN simulation_audit AS a ON a.plan_date = v.plan_date AND a.version = v.version
JOIN queue AS q ON q.queue_id = a.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW simulation_audit_tonight IS 'What the plan in force predicts for some of its intervals beside what a simulation of the same positions does.';
COMMENT ON COLUMN simulation_audit_tonight.answered_fraction_difference IS 'Simulated less predicted service level. Unit: fraction.';
