CREATE VIEW miss_reasons AS
WITH latest AS (
    SELECT DISTINCT ON (business_date, queue_id) *
    FROM miss_analysis
    ORDER BY business_date, queue_id, stated_at DESC
)
SELECT
    m.business_date,
    trim(to_char(m.business_date, 'Day')) AS weekday,
    m.queue_id,
    q.queue_name,
    q.channel,
    q.service_goal,
    m.plan_date,
    m.lead_days,
    m.planned_answered_fraction,
    m.actual_answered_fraction,
    m.miss_fraction,
    m.volume_part_fraction,
    m.handle_time_part_fraction,
    m.staffing_part_fraction,
    m.adherence_part_fraction,
    m.model_part_fraction,
    m.planned_contacts,
    m.actual_contacts,
    m.planned_handle_seconds,
    m.actual_handle_seconds,
    m.planned_position_hours,
    m.scheduled_position_hours,
    m.present_position_hours,
    m.in_words,
    m.stated_at
FROM latest AS m
JOIN queue AS q ON q.queue_id = m.queue_id;

COMMENT ON VIEW miss_reasons IS 'Why each day''s service level was not the planned one: parts due to volume, handle time, staffing, adherence and the model, which add up.';
COMMENT ON COLUMN miss_reasons.stated_at IS 'When this was last stated: late data change it. Unit: instant UTC.';
