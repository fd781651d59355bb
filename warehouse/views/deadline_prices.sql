CREATE VIEW deadline_prices AS
SELECT
    d.plan_date,
    d.version,
    d.queue_id,
    q.queue_name,
    q.channel,
    d.business_date,
    trim(to_char(d.business_date, 'Day')) AS weekday,
    d.due_items,
    d.later_open_seconds / 3600 AS later_open_hours,
    d.peak_positions,
    d.fewer_peak_positions,
    d.saved_staff_hours,
    d.saved_cost,
    d.fewer_late_items
FROM plan_version AS v
JOIN deadline_price AS d ON d.plan_date = v.plan_date AND d.version = v.version
JOIN queue AS q ON q.queue_id = d.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW deadline_prices IS 'What an hour more to complete the work due on a day would save in the plan in force: the days on which deadlines cost most.';
COMMENT ON COLUMN deadline_prices.later_open_hours IS 'By how much business time later the work would be due. Unit: hours.';
