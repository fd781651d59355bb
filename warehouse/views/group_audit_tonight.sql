CREATE VIEW group_audit_tonight AS
SELECT
    a.plan_date,
    a.version,
    a.staff_group,
    a.queue_id,
    q.queue_name,
    a.channel,
    a.way_of_working,
    a.business_date,
    a.mean_offered_contacts,
    a.position_hours,
    a.goal_fraction,
    a.planned_answered_fraction,
    a.simulated_answered_fraction,
    a.simulated_answered_fraction_low,
    a.simulated_answered_fraction_high,
    a.simulated_answered_fraction - a.planned_answered_fraction AS answered_fraction_difference,
    a.planned_gap_hours,
    a.simulated_gap_hours,
    a.planned_completed_items,
    a.simulated_completed_items,
    a.assumptions
FROM plan_version AS v
JOIN group_audit AS a ON a.plan_date = v.plan_date AND a.version = v.version
JOIN queue AS q ON q.queue_id = a.queue_id
WHERE v.status = 'current';

COMMENT ON VIEW group_audit_tonight IS 'What the plan in force promises of a day of each group with teams or work between calls, beside what a simulation of it does.';
COMMENT ON COLUMN group_audit_tonight.answered_fraction_difference IS 'Simulated less planned service level. Unit: fraction.';
