CREATE VIEW mart.fact_accuracy AS
SELECT DISTINCT ON (a.business_date, a.member_id, a.lead_days)
    a.member_id AS queue_id,
    a.business_date,
    a.lead_days,
    a.plan_date,
    a.mean_offered_contacts,
    a.offered_contacts,
    a.error_contacts,
    a.absolute_error_contacts,
    a.pinball_contacts,
    a.inside_80_band,
    a.poisson_floor_contacts,
    a.naive_absolute_error_contacts,
    a.model_absolute_error_contacts,
    a.has_override,
    a.stated_at
FROM accuracy_ledger AS a
WHERE a.level = 'queue'
ORDER BY a.business_date, a.member_id, a.lead_days, a.stated_at DESC;

COMMENT ON VIEW mart.fact_accuracy IS 'Fact: each forecast against what came, as known now. One row: one queue, day and lead. WAPE is the sum of absolute_error_contacts over the sum of offered_contacts.';
