CREATE VIEW mart.fact_forecast AS
SELECT
    f.plan_date,
    f.version,
    f.queue_id,
    f.business_date,
    f.interval_start_utc,
    f.lead_days,
    f.mean_offered_contacts,
    f.offered_contacts_q05,
    f.offered_contacts_q10,
    f.offered_contacts_q25,
    f.offered_contacts_q50,
    f.offered_contacts_q75,
    f.offered_contacts_q90,
    f.offered_contacts_q95,
    f.mean_handle_seconds,
    f.mean_offered_contacts * f.mean_handle_seconds / 3600 AS workload_hours,
    f.champion_model
FROM plan_version AS v
JOIN forecast_interval AS f ON f.plan_date = v.plan_date AND f.version = v.version
WHERE v.status = 'current';

COMMENT ON VIEW mart.fact_forecast IS 'Fact: contacts expected by the plan in force. One row: one queue and interval.';
COMMENT ON COLUMN mart.fact_forecast.workload_hours IS 'Expected contacts times mean handle time; missing where no handle time is known. Unit: hours.';
