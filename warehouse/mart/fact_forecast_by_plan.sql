CREATE VIEW mart.fact_forecast_by_plan AS
SELECT
    f.plan_date,
    f.version,
    f.member_id AS queue_id,
    f.business_date,
    f.lead_days,
    f.mean_offered_contacts,
    f.offered_contacts_q05,
    f.offered_contacts_q50,
    f.offered_contacts_q95,
    f.mean_handle_seconds,
    f.base_contacts,
    f.weekday_contacts,
    f.calendar_contacts,
    f.holiday_contacts,
    f.trend_contacts,
    f.claims_lead_contacts,
    f.event_contacts,
    f.override_contacts,
    f.champion_model
FROM forecast_daily AS f
WHERE f.level = 'queue';

COMMENT ON VIEW mart.fact_forecast_by_plan IS 'Fact: what every plan ever published expected, with its drivers. One row: one plan, queue and day; do not add plans up, choose by dim_plan or lead_days.';
