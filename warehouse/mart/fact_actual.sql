CREATE VIEW mart.fact_actual AS
SELECT
    queue_id,
    business_date,
    interval_start_utc,
    offered_contacts,
    answered_contacts,
    abandoned_contacts,
    answered_within_contacts,
    completed_items,
    handle_seconds,
    worked_handle_seconds,
    wait_seconds,
    staffed_seconds
FROM interval_history;

COMMENT ON VIEW mart.fact_actual IS 'Fact: what happened, as known now. One row: one queue and interval. Mean handle time is the sum of handle_seconds over the sum of answered_contacts.';
