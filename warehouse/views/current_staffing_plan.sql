CREATE VIEW current_staffing_plan AS
SELECT
    s.plan_date,
    s.version,
    s.queue_id,
    q.queue_name,
    q.channel,
    q.line_of_business_name,
    q.site_name,
    s.interval_start_utc,
    s.interval_start_utc AT TIME ZONE q.time_zone AS interval_start_local,
    EXTRACT(EPOCH FROM (s.interval_start_utc AT TIME ZONE q.time_zone) - (s.interval_start_utc AT TIME ZONE 'UTC'))::double precision / 3600
        AS utc_offset_hours,
    s.business_date,
    trim(to_char(s.business_date, 'Day')) AS weekday,
    s.lead_days,
    s.open_seconds,
    s.mean_offered_contacts,
    s.chase_contacts,
    f.offered_contacts_q10,
    f.offered_contacts_q90,
    s.mean_handle_seconds,
    s.positions_required,
    s.positions_erlang_a,
    s.positions_erlang_c,
    s.positions_for_certainty,
    s.scheduled_staff,
    s.service_level_definition,
    s.goal_fraction,
    s.goal_seconds,
    s.answered_fraction,
    s.goal_probability,
    s.mean_wait_seconds,
    s.abandoned_fraction,
    s.occupancy_fraction,
    s.cost,
    s.staffing_model,
    s.reason,
    d.data_until_date,
    d.data_warning
FROM plan_version AS v
JOIN staffing_interval AS s ON s.plan_date = v.plan_date AND s.version = v.version
JOIN queue AS q ON q.queue_id = s.queue_id
LEFT JOIN forecast_interval AS f
    ON f.plan_date = s.plan_date
    AND f.version = s.version
    AND f.queue_id = s.queue_id
    AND f.interval_start_utc = s.interval_start_utc
LEFT JOIN staffing_daily AS d
    ON d.plan_date = s.plan_date
    AND d.version = s.version
    AND d.level = 'queue'
    AND d.member_id = s.queue_id
    AND d.business_date = s.business_date
WHERE v.status = 'current';

COMMENT ON VIEW current_staffing_plan IS 'The staffing plan in force: one row per queue and open interval, in UTC and local time, with the reason for the number.';
