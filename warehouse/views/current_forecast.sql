CREATE VIEW current_forecast AS
SELECT
    f.plan_date,
    f.version,
    f.level,
    f.member_id,
    coalesce(m.member_name, f.member_id) AS member_name,
    f.business_date,
    trim(to_char(f.business_date, 'Day')) AS weekday,
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
    f.champion_model,
    f.fallback_reason,
    f.data_until_date,
    f.data_warning
FROM plan_version AS v
JOIN forecast_daily AS f ON f.plan_date = v.plan_date AND f.version = v.version
LEFT JOIN level_members AS m ON m.level = f.level AND m.member_id = f.member_id
WHERE v.status = 'current';

COMMENT ON VIEW current_forecast IS 'The forecast in force: one row per day and member of every level of the enterprise, with its uncertainty.';
