CREATE VIEW mart.fact_staffing_by_plan AS
SELECT
    s.plan_date,
    s.version,
    s.member_id AS queue_id,
    s.business_date,
    s.lead_days,
    s.mean_offered_contacts,
    s.position_hours,
    s.staff_hours,
    s.full_time_equivalents,
    s.peak_scheduled_staff,
    s.cost
FROM staffing_daily AS s
WHERE s.level = 'queue';

COMMENT ON VIEW mart.fact_staffing_by_plan IS 'Fact: hours and people of every plan ever published. One row: one plan, queue and day; do not add plans up, choose by dim_plan or lead_days.';
