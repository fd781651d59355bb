CREATE VIEW staff_group_positions AS
WITH zone AS (SELECT min(time_zone) AS time_zone FROM queue)
SELECT
    g.plan_date,
    g.version,
    g.staff_group,
    g.business_date,
    trim(to_char(g.business_date, 'Day')) AS weekday,
    g.interval_start_utc,
    g.interval_start_utc AT TIME ZONE zone.time_zone AS interval_start_local,
    g.siloed_positions,
    g.pooled_positions,
    g.positions,
    g.saved_positions,
    g.sharing_fraction,
    g.simulated_goal_margin
FROM plan_version AS v
JOIN staff_group_interval AS g ON g.plan_date = v.plan_date AND g.version = v.version
CROSS JOIN zone
WHERE v.status = 'current';

COMMENT ON VIEW staff_group_positions IS 'What teams that share voice queues need in the plan in force, between people of its own for each queue and one team for all.';
