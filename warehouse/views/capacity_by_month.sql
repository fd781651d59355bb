CREATE VIEW capacity_by_month AS
WITH weeks AS (
    SELECT
        c.*,
        -- The month that most of a week lies in: that of its Thursday.
        date_trunc('month', c.week_start_date + 3)::date AS month_start_date
    FROM plan_version AS v
    JOIN capacity_plan AS c ON c.plan_date = v.plan_date AND c.version = v.version
    WHERE v.status = 'current'
)
SELECT
    plan_date,
    version,
    staff_group,
    staff_group_name,
    scenario,
    month_start_date,
    count(*) AS weeks,
    sum(offered_contacts) AS offered_contacts,
    avg(required_full_time_equivalents) AS required_full_time_equivalents,
    avg(available_full_time_equivalents) AS available_full_time_equivalents,
    avg(missing_full_time_equivalents) AS missing_full_time_equivalents,
    max(missing_full_time_equivalents) AS most_missing_full_time_equivalents,
    min(close_gap_by_date) AS close_gap_by_date,
    bool_or(is_too_late) AS is_too_late,
    sum(hires_to_start) AS hires_to_start,
    min(begin_recruiting_date) AS begin_recruiting_date,
    avg(still_missing_full_time_equivalents) AS still_missing_full_time_equivalents,
    avg(paid_full_time_equivalents) AS paid_full_time_equivalents,
    sum(cost) AS cost,
    sum(missing_cost) AS missing_cost
FROM weeks
GROUP BY plan_date, version, staff_group, staff_group_name, scenario, month_start_date;

COMMENT ON VIEW capacity_by_month IS 'People needed and there per staff group, month and scenario of the plan in force: means of the weeks whose Thursday lies in the month.';
COMMENT ON COLUMN capacity_by_month.month_start_date IS 'First day of the month. Unit: date.';
COMMENT ON COLUMN capacity_by_month.weeks IS 'Weeks whose Thursday lies in the month. Unit: weeks.';
COMMENT ON COLUMN capacity_by_month.missing_full_time_equivalents IS 'Mean of the weeks, without any new hire; negative where people are to spare. Unit: full-time equivalents.';
COMMENT ON COLUMN capacity_by_month.most_missing_full_time_equivalents IS 'In the worst week of the month. Unit: full-time equivalents.';
COMMENT ON COLUMN capacity_by_month.close_gap_by_date IS 'Last day on which recruiting can begin for people who are fully trained by the first week in which somebody is missing. Unit: date.';
COMMENT ON COLUMN capacity_by_month.hires_to_start IS 'People whose first day should be in the month. Unit: people.';
COMMENT ON COLUMN capacity_by_month.begin_recruiting_date IS 'Day on which recruiting of the first of them begins. Unit: date.';
