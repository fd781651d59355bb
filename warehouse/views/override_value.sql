CREATE VIEW override_value AS
WITH latest AS (
    SELECT DISTINCT ON (business_date, level, member_id, lead_days) *
    FROM accuracy_ledger
    WHERE level = 'queue'
    ORDER BY business_date, level, member_id, lead_days, stated_at DESC
),
touched AS (
    SELECT DISTINCT ON (e.override_id, e.queue_id, e.business_date) e.*
    FROM override_effect AS e
    ORDER BY e.override_id, e.queue_id, e.business_date, e.plan_date DESC, e.version DESC
)
SELECT
    t.override_id,
    max(t.in_words) AS in_words,
    max(o.entered_by) AS entered_by,
    t.queue_id,
    max(q.queue_name) AS queue_name,
    count(*) AS days,
    sum(a.offered_contacts)::bigint AS offered_contacts,
    sum(a.model_absolute_error_contacts) AS model_absolute_error_contacts,
    sum(a.absolute_error_contacts) AS absolute_error_contacts,
    sum(a.model_absolute_error_contacts - a.absolute_error_contacts) AS saved_error_contacts,
    sum(a.model_pinball_contacts - a.pinball_contacts) AS saved_pinball_contacts
FROM touched AS t
JOIN latest AS a ON a.business_date = t.business_date AND a.member_id = t.queue_id AND a.plan_date = t.plan_date
JOIN queue AS q ON q.queue_id = t.queue_id
LEFT JOIN planner_override AS o ON o.override_id = t.override_id
GROUP BY t.override_id, t.queue_id;

COMMENT ON VIEW override_value IS 'What planners'' changes were worth: the error of the last plan before each day with and without them, against what came.';
COMMENT ON COLUMN override_value.days IS 'Days that are over and that it changed. Unit: days.';
COMMENT ON COLUMN override_value.saved_error_contacts IS 'Error without the planners'' changes of the day less that with them: above 0 where they helped. Unit: contacts.';
COMMENT ON COLUMN override_value.saved_pinball_contacts IS 'The same for the whole distribution (pinball loss). Unit: contacts.';
