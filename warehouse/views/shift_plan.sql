CREATE VIEW shift_plan AS
WITH zone AS (SELECT min(time_zone) AS time_zone FROM queue)
SELECT
    s.plan_date,
    s.version,
    s.staff_group,
    p.staff_group_name,
    s.contract,
    p.contract_name,
    s.business_date,
    trim(to_char(s.business_date, 'Day')) AS weekday,
    s.interval_start_utc,
    s.interval_start_utc AT TIME ZONE zone.time_zone AS starts_at_local,
    s.shift_end_utc AT TIME ZONE zone.time_zone AS shift_ends_at_local,
    s.starting_people,
    s.people_taking_break
FROM plan_version AS v
JOIN shift_schedule AS s ON s.plan_date = v.plan_date AND s.version = v.version
JOIN shift_people AS p
    ON p.plan_date = s.plan_date AND p.version = s.version AND p.staff_group = s.staff_group AND p.contract = s.contract
CROSS JOIN zone
WHERE v.status = 'current';

COMMENT ON VIEW shift_plan IS 'Shifts and breaks of the plan in force, by the wall clock: how many people of each contract begin when.';
COMMENT ON COLUMN shift_plan.starts_at_local IS 'When the shift, or the break, begins on the wall clock. Unit: local time.';
COMMENT ON COLUMN shift_plan.shift_ends_at_local IS 'When a shift that begins here ends on the wall clock. Unit: local time.';
