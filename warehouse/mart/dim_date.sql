CREATE VIEW mart.dim_date AS
SELECT
    business_date,
    EXTRACT(YEAR FROM business_date)::bigint AS calendar_year,
    EXTRACT(QUARTER FROM business_date)::bigint AS calendar_quarter,
    EXTRACT(MONTH FROM business_date)::bigint AS calendar_month,
    trim(to_char(business_date, 'Month')) AS month_name,
    date_trunc('month', business_date)::date AS month_start_date,
    EXTRACT(ISOYEAR FROM business_date)::bigint AS iso_year,
    EXTRACT(WEEK FROM business_date)::bigint AS calendar_week,
    date_trunc('week', business_date)::date AS week_start_date,
    EXTRACT(ISODOW FROM business_date)::bigint AS weekday_number,
    trim(to_char(business_date, 'Day')) AS weekday,
    EXTRACT(ISODOW FROM business_date) >= 6 AS is_weekend,
    is_holiday,
    holiday_name,
    is_business_day,
    business_day_of_month,
    business_days_to_month_end,
    open_queues,
    is_school_holiday,
    event_names
FROM calendar_date;

COMMENT ON VIEW mart.dim_date IS 'Dimension: the enterprise''s local days, with holidays, business days and events. One row: one day.';
COMMENT ON COLUMN mart.dim_date.calendar_year IS 'Year. Unit: year.';
COMMENT ON COLUMN mart.dim_date.calendar_quarter IS 'Quarter of the year, 1 to 4. Unit: quarter.';
COMMENT ON COLUMN mart.dim_date.calendar_month IS 'Month of the year, 1 to 12. Unit: month.';
COMMENT ON COLUMN mart.dim_date.month_name IS 'Name of the month. Unit: text.';
COMMENT ON COLUMN mart.dim_date.month_start_date IS 'First day of the month. Unit: date.';
COMMENT ON COLUMN mart.dim_date.iso_year IS 'Year that the calendar week belongs to by ISO 8601. Unit: year.';
COMMENT ON COLUMN mart.dim_date.calendar_week IS 'Number of the week by ISO 8601. Unit: week.';
COMMENT ON COLUMN mart.dim_date.week_start_date IS 'Monday of the week. Unit: date.';
COMMENT ON COLUMN mart.dim_date.weekday_number IS 'Day of the week, 1 is Monday, 7 Sunday. Unit: day of the week.';
COMMENT ON COLUMN mart.dim_date.is_weekend IS 'Whether it is a Saturday or Sunday. Unit: flag.';
