CREATE VIEW staffing_week AS
SELECT
    s.plan_date,
    s.version,
    s.level,
    s.member_id,
    coalesce(m.member_name, s.member_id) AS member_name,
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
LEFT JOIN level_members AS m ON m.level = s.level AND m.member_id = s.member_id
WHERE v.status = 'current';

COMMENT ON VIEW staffing_week IS 'Staff hours, full-time equivalents and peak per calendar week of the plan in force, per queue, channel, line of business, site and enterprise.';
COMMENT ON COLUMN staffing_week.calendar_week IS 'Number of the week by ISO 8601. Unit: week.';
