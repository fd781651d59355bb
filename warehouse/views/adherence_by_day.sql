CREATE VIEW adherence_by_day AS
WITH latest AS (
    SELECT DISTINCT ON (business_date, agent_id) *
    FROM adherence_daily
    ORDER BY business_date, agent_id, stated_at DESC
)
SELECT
    a.business_date,
    trim(to_char(a.business_date, 'Day')) AS weekday,
    count(*) FILTER (WHERE a.scheduled_seconds > 0) AS scheduled_agents,
    count(*) FILTER (WHERE a.worked_seconds > 0) AS working_agents,
    sum(a.scheduled_seconds) / 3600 AS scheduled_hours,
    sum(a.worked_seconds) / 3600 AS worked_hours,
    sum(a.in_adherence_seconds) / 3600 AS in_adherence_hours,
    sum(a.in_adherence_seconds) / nullif(sum(a.scheduled_seconds), 0) AS adherence_fraction,
    sum(a.worked_seconds) / nullif(sum(a.scheduled_seconds), 0) AS conformance_fraction
FROM latest AS a
GROUP BY a.business_date;

COMMENT ON VIEW adherence_by_day IS 'How far people worked when they were planned to, per day over all agents. Who did what stays in the table: it is nobody''s ranking.';
COMMENT ON COLUMN adherence_by_day.scheduled_agents IS 'Agents with time planned on queues. Unit: people.';
COMMENT ON COLUMN adherence_by_day.working_agents IS 'Agents who spent time on queues. Unit: people.';
COMMENT ON COLUMN adherence_by_day.scheduled_hours IS 'Time planned on queues. Unit: hours.';
COMMENT ON COLUMN adherence_by_day.worked_hours IS 'Time spent on queues. Unit: hours.';
COMMENT ON COLUMN adherence_by_day.in_adherence_hours IS 'Time in which people were planned to work, and did. Unit: hours.';
