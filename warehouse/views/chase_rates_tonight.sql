CREATE VIEW chase_rates_tonight AS
SELECT
    c.plan_date,
    c.version,
    c.queue_id,
    q.queue_name,
    c.contacted_queue_id,
    o.queue_name AS contacted_queue_name,
    c.stated_rate,
    c.overdue_contacts,
    c.overdue_item_days,
    c.other_contacts,
    c.other_item_days,
    c.used_rate,
    c.used_rate_low,
    c.used_rate_high,
    c.source
FROM plan_version AS v
JOIN chase_rate AS c ON c.plan_date = v.plan_date AND c.version = v.version
JOIN queue AS q ON q.queue_id = c.queue_id
JOIN queue AS o ON o.queue_id = c.contacted_queue_id
WHERE v.status = 'current';

COMMENT ON VIEW chase_rates_tonight IS 'How many contacts overdue work raises by the settings and by history, in the plan in force.';
COMMENT ON COLUMN chase_rates_tonight.contacted_queue_name IS 'Name of the queue that customers reach. Unit: text.';
