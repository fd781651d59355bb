CREATE VIEW mart.dim_interval AS
SELECT
    interval_start_utc,
    business_date,
    interval_end_utc,
    local_time,
    local_hour,
    business_date + local_time::time AS interval_start_local,
    utc_offset_hours,
    interval_of_day,
    CASE
        WHEN local_hour < 6 THEN 'night'
        WHEN local_hour < 12 THEN 'morning'
        WHEN local_hour < 18 THEN 'afternoon'
        ELSE 'evening'
    END AS part_of_day
FROM calendar_interval;

COMMENT ON VIEW mart.dim_interval IS 'Dimension: the intervals of the enterprise''s grid on the wall clock. One row: one interval.';
COMMENT ON COLUMN mart.dim_interval.part_of_day IS 'Night (from 0), morning (from 6), afternoon (from 12) or evening (from 18 hours). Unit: text.';
