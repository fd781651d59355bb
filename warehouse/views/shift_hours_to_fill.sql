CREATE VIEW shift_hours_to_fill AS
WITH zone AS (SELECT min(time_zone) AS time_zone FROM queue),
named AS (SELECT DISTINCT plan_date, version, staff_group, staff_group_name FROM shift_people)
SELECT
    c.plan_date,
    c.version,
    c.staff_group,
    n.staff_group_name,
    c.business_date,
    trim(to_char(c.business_date, 'Day')) AS weekday,
    c.interval_start_utc,
    c.interval_start_utc AT TIME ZONE zone.time_zone AS interval_start_local,
    c.required_people,
    c.working_people,
    c.missing_people,
    c.surplus_people,
    c.hours_to_fill,
    c.surplus_hours
FROM plan_version AS v
JOIN shift_cover AS c ON c.plan_date = v.plan_date AND c.version = v.version
JOIN named AS n ON n.plan_date = c.plan_date AND n.version = c.version AND n.staff_group = c.staff_group
CROSS JOIN zone
WHERE v.status = 'current';

COMMENT ON VIEW shift_hours_to_fill IS 'What the shifts of the plan in force leave open, and where they have people to spare, per staff group and interval.';
COMMENT ON COLUMN shift_hours_to_fill.interval_start_local IS 'Start of the interval on the wall clock. Unit: local time.';
