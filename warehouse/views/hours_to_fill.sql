CREATE VIEW hours_to_fill AS
WITH local AS (
    SELECT
        s.*,
        q.queue_name,
        q.site_name,
        s.interval_start_utc AT TIME ZONE q.time_zone AS interval_start_local,
        EXTRACT(EPOCH FROM (s.interval_start_utc AT TIME ZONE q.time_zone) - (s.interval_start_utc AT TIME ZONE 'UTC'))::double precision / 3600
            AS utc_offset_hours
    FROM plan_version AS v
    JOIN staffing_interval AS s ON s.plan_date = v.plan_date AND s.version = v.version
    JOIN queue AS q ON q.queue_id = s.queue_id
    WHERE v.status = 'current'
)
SELECT
    plan_date,
    version,
    queue_id,
    queue_name,
    channel,
    site_name,
    business_date,
    trim(to_char(business_date, 'Day')) AS weekday,
    date_trunc('hour', interval_start_local) AS hour_start_local,
    min(interval_start_utc) AS hour_start_utc,
    utc_offset_hours,
    sum(positions_required * open_seconds) / 3600 AS position_hours,
    sum(scheduled_staff * open_seconds) / 3600 AS staff_hours,
    max(scheduled_staff) AS peak_scheduled_staff
FROM local
GROUP BY plan_date, version, queue_id, queue_name, channel, site_name, business_date, date_trunc('hour', interval_start_local), utc_offset_hours
HAVING max(scheduled_staff) > 0;

COMMENT ON VIEW hours_to_fill IS 'Hours that rosters have to fill, per queue and local hour of the plan in force. The hour that the clock change doubles has two rows.';
COMMENT ON COLUMN hours_to_fill.hour_start_local IS 'Start of the hour on the wall clock. Unit: local time.';
COMMENT ON COLUMN hours_to_fill.hour_start_utc IS 'Start of its first open interval. Unit: instant UTC.';
