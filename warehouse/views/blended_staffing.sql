CREATE VIEW blended_staffing AS
SELECT
    b.plan_date,
    b.version,
    b.staff_group,
    b.queue_id,
    q.queue_name,
    b.business_date,
    trim(to_char(b.business_date, 'Day')) AS weekday,
    sum(b.useful_idle_hours) AS useful_idle_hours,
    sum(b.gap_hours) AS gap_hours,
    max(b.separate_positions) AS peak_separate_positions,
    max(b.ring_fenced_positions) AS peak_ring_fenced_positions,
    sum(b.saved_staff_hours) AS saved_staff_hours,
    sum(b.saved_cost) AS saved_cost,
    min(b.answered_fraction) AS answered_fraction
FROM plan_version AS v
JOIN staffing_blended AS b ON b.plan_date = v.plan_date AND b.version = v.version
JOIN queue AS q ON q.queue_id = b.queue_id
WHERE v.status = 'current'
GROUP BY b.plan_date, b.version, b.staff_group, b.queue_id, q.queue_name, b.business_date;

COMMENT ON VIEW blended_staffing IS 'Per queue and day of the plan in force: work that can wait in the idle time of calls and chats, who is needed beside it, and what that saves.';
COMMENT ON COLUMN blended_staffing.peak_separate_positions IS 'People at work needed at the peak if the queue is staffed by itself. Unit: positions.';
COMMENT ON COLUMN blended_staffing.peak_ring_fenced_positions IS 'People at work needed at the peak for the queue alone, beside the gaps. Unit: positions.';
