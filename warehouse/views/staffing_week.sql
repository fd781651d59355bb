CREATE VIEW staffing_week AS
SELECT
    s.plan_date,
    s.version,
    s.level,
    s.member_id,
    CASE s.level
        WHEN 'queue' THEN q.queue_name
        WHEN 'line_of_business' THEN coalesce(l.line_of_business_name, s.member_id)
        WHEN 'enterprise' THEN 'whole enterprise'
        ELSE s.member_id
    END AS member_name,
    s.week_start_date,
    EXTRACT(WEEK FROM s.week_start_date)::bigint AS calendar_week,
    s.planned_days,
    s.mean_offered_contacts,
    s.position_hours,
    s.staff_hours,
    s.full_time_equivalents,
    s.peak_scheduled_staff,
    s.cost
FROM plan_version AS v
JOIN staffing_weekly AS s ON s.plan_date = v.plan_date AND s.version = v.version
LEFT JOIN queue AS q ON s.level = 'queue' AND q.queue_id = s.member_id
LEFT JOIN (SELECT line_of_business, max(line_of_business_name) AS line_of_business_name FROM queue GROUP BY line_of_business) AS l
    ON s.level = 'line_of_business' AND l.line_of_business = s.member_id
WHERE v.status = 'current';

COMMENT ON VIEW staffing_week IS 'Staff hours, full-time equivalents and peak per calendar week of the plan in force, per queue, channel, line of business and enterprise.';
COMMENT ON COLUMN staffing_week.calendar_week IS 'Number of the week by ISO 8601. Unit: week.';
