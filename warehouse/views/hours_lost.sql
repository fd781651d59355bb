CREATE VIEW hours_lost AS
SELECT
    s.plan_date,
    s.version,
    s.queue_id,
    q.queue_name,
    q.channel,
    s.kind,
    s.lost_fraction,
    s.lost_hours,
    s.lost_cost,
    s.planned_by_shifts
FROM plan_version AS v
JOIN shrinkage_hours AS s ON s.plan_date = v.plan_date AND s.version = v.version
JOIN queue AS q ON q.queue_id = s.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW hours_lost IS 'Scheduled hours of the plan in force that are not worked, by queue and kind (holiday, illness, training, breaks), and their cost.';
