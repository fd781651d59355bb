CREATE VIEW mart.fact_actual_day AS
SELECT
    h.queue_id,
    h.business_date,
    h.offered_contacts,
    h.answered_contacts,
    h.abandoned_contacts,
    h.answered_within_contacts,
    h.completed_items,
    h.handle_seconds,
    h.worked_handle_seconds,
    h.wait_seconds,
    h.staffed_seconds,
    h.open_seconds,
    h.backlog_items,
    h.backlog_oldest_age_seconds,
    h.source_complete,
    d.restated,
    d.known_by_date
FROM daily_history AS h
LEFT JOIN history_days AS d ON d.table_name = 'daily_history' AND d.business_date = h.business_date;

COMMENT ON VIEW mart.fact_actual_day IS 'Fact: what happened per day, as known now, and when late data last re-stated it. One row: one queue and day.';
