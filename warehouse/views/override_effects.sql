CREATE VIEW override_effects AS
SELECT
    e.plan_date,
    e.version,
    e.override_id,
    e.queue_id,
    q.queue_name,
    e.business_date,
    trim(to_char(e.business_date, 'Day')) AS weekday,
    m.mean_offered_contacts AS model_offered_contacts,
    f.mean_offered_contacts,
    e.changed_contacts,
    m.mean_handle_seconds AS model_handle_seconds,
    f.mean_handle_seconds,
    e.changed_handle_seconds,
    e.in_words
FROM plan_version AS v
JOIN override_effect AS e ON e.plan_date = v.plan_date AND e.version = v.version
JOIN queue AS q ON q.queue_id = e.queue_id
JOIN forecast_daily AS f
    ON f.plan_date = e.plan_date AND f.version = e.version AND f.level = 'queue' AND f.member_id = e.queue_id
    AND f.business_date = e.business_date
LEFT JOIN model_forecast_daily AS m
    ON m.plan_date = e.plan_date AND m.version = e.version AND m.level = 'queue' AND m.member_id = e.queue_id
    AND m.business_date = e.business_date
WHERE v.status = 'current';

COMMENT ON VIEW override_effects IS 'What planners'' changes do to each queue''s day in the plan in force, beside the model''s own numbers.';
COMMENT ON COLUMN override_effects.model_offered_contacts IS 'Contacts that the model expects without planners'' changes. Unit: contacts.';
COMMENT ON COLUMN override_effects.model_handle_seconds IS 'Mean handle time that the model expects without planners'' changes. Unit: seconds.';
