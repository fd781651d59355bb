CREATE VIEW mart.fact_staffing AS
SELECT
    s.plan_date,
    s.version,
    s.queue_id,
    s.business_date,
    s.interval_start_utc,
    s.lead_days,
    s.open_seconds,
    s.positions_required,
    s.positions_for_certainty,
    s.scheduled_staff,
    s.positions_required * s.open_seconds / 3600 AS position_hours,
    s.scheduled_staff * s.open_seconds / 3600 AS staff_hours,
    s.mean_offered_contacts,
    s.mean_handle_seconds,
    s.goal_fraction,
    s.answered_fraction,
    s.goal_probability,
    s.mean_wait_seconds,
    s.abandoned_fraction,
    s.occupancy_fraction,
    s.cost
FROM plan_version AS v
JOIN staffing_interval AS s ON s.plan_date = v.plan_date AND s.version = v.version
WHERE v.status = 'current';

COMMENT ON VIEW mart.fact_staffing IS 'Fact: positions and people of the plan in force. One row: one queue and open interval. Fractions are not to be added up: weigh them by mean_offered_contacts.';
