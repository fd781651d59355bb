CREATE VIEW cost_of_certainty AS
SELECT
    c.plan_date,
    c.version,
    c.queue_id,
    q.queue_name,
    q.channel,
    c.goal_probability,
    c.position_hours,
    c.staff_hours,
    c.cost,
    c.peak_scheduled_staff,
    c.cost - first_value(c.cost) OVER curve AS cost_above_lowest,
    c.staff_hours - lag(c.staff_hours) OVER curve AS staff_hours_above_step_before
FROM plan_version AS v
JOIN certainty_curve AS c ON c.plan_date = v.plan_date AND c.version = v.version
JOIN queue AS q ON q.queue_id = c.queue_id
WHERE v.status = 'current'
WINDOW curve AS (PARTITION BY c.plan_date, c.version, c.queue_id ORDER BY c.goal_probability);

COMMENT ON VIEW cost_of_certainty IS 'What it costs, per queue and over the whole plan in force, to meet the goal with a higher probability.';
COMMENT ON COLUMN cost_of_certainty.cost_above_lowest IS 'Cost beyond that of the lowest probability of the curve. Unit: currency.';
COMMENT ON COLUMN cost_of_certainty.staff_hours_above_step_before IS 'Hours to schedule beyond those of the next lower probability. Unit: hours.';
