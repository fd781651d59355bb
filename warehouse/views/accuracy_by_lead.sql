CREATE VIEW accuracy_by_lead AS
WITH latest AS (
    SELECT DISTINCT ON (business_date, level, member_id, lead_days) *
    FROM accuracy_ledger
    ORDER BY business_date, level, member_id, lead_days, stated_at DESC
),
newest AS (
    SELECT max(business_date) AS last_date FROM accuracy_ledger
)
SELECT
    w.weeks,
    n.last_date,
    a.level,
    a.member_id,
    coalesce(max(m.member_name), a.member_id) AS member_name,
    max(q.channel) AS channel,
    a.lead_days,
    count(*) AS days,
    sum(a.offered_contacts)::bigint AS offered_contacts,
    sum(a.absolute_error_contacts) / nullif(sum(a.offered_contacts), 0)::double precision AS wape_fraction,
    sum(a.error_contacts) / nullif(sum(a.offered_contacts), 0)::double precision AS bias_fraction,
    avg(a.pinball_contacts) AS pinball_contacts,
    avg(CASE WHEN a.inside_80_band THEN 1.0 ELSE 0.0 END)::double precision AS coverage_80_fraction,
    sum(a.poisson_floor_contacts) / nullif(sum(a.offered_contacts), 0)::double precision AS poisson_floor_fraction,
    sum(a.naive_absolute_error_contacts)
        / nullif(sum(a.offered_contacts) FILTER (WHERE a.naive_absolute_error_contacts IS NOT NULL), 0)::double precision
        AS naive_wape_fraction,
    sum(a.model_absolute_error_contacts) / nullif(sum(a.offered_contacts), 0)::double precision AS model_wape_fraction,
    count(*) FILTER (WHERE a.has_override) AS override_days,
    avg(a.absolute_error_handle_seconds) AS absolute_error_handle_seconds
FROM newest AS n
CROSS JOIN (VALUES (4), (13), (52)) AS w (weeks)
JOIN latest AS a ON a.business_date > n.last_date - 7 * w.weeks
LEFT JOIN queue AS q ON a.level = 'queue' AND q.queue_id = a.member_id
LEFT JOIN level_members AS m ON m.level = a.level AND m.member_id = a.member_id
GROUP BY w.weeks, n.last_date, a.level, a.member_id, a.lead_days;

COMMENT ON VIEW accuracy_by_lead IS 'How good the forecasts were, per member and lead over the last 4, 13 and 52 weeks, beside chance, the last same weekday, and the model without planners'' changes.';
COMMENT ON COLUMN accuracy_by_lead.weeks IS 'Weeks up to last_date that are looked at. Unit: weeks.';
COMMENT ON COLUMN accuracy_by_lead.last_date IS 'Last day that is over and known. Unit: date.';
COMMENT ON COLUMN accuracy_by_lead.days IS 'Days that the figures rest on. Unit: days.';
COMMENT ON COLUMN accuracy_by_lead.poisson_floor_fraction IS 'Error that chance alone leaves, over what came. Unit: fraction.';
COMMENT ON COLUMN accuracy_by_lead.naive_wape_fraction IS 'Error of the last known same weekday, over what came. Unit: fraction.';
COMMENT ON COLUMN accuracy_by_lead.model_wape_fraction IS 'Error of the model without planners'' changes, over what came. Unit: fraction.';
COMMENT ON COLUMN accuracy_by_lead.override_days IS 'Days that planners had changed. Unit: days.';
