CREATE VIEW tonight_vs_last_plan AS
WITH tonight AS (
    SELECT plan_date, version FROM plan_version WHERE status = 'current'
),
last_plan AS (
    SELECT p.plan_date, p.version
    FROM plan_version AS p
    CROSS JOIN tonight AS t
    WHERE p.plan_date < t.plan_date AND p.status = 'superseded'
    ORDER BY p.plan_date DESC, p.version DESC
    LIMIT 1
),
days AS (
    SELECT
        v.plan_date,
        v.version,
        f.level,
        f.member_id,
        f.business_date,
        f.mean_offered_contacts,
        coalesce(s.staff_hours, 0) AS staff_hours,
        coalesce(s.peak_scheduled_staff, 0) AS peak_scheduled_staff
    FROM plan_version AS v
    JOIN forecast_daily AS f ON f.plan_date = v.plan_date AND f.version = v.version
    LEFT JOIN staffing_daily AS s
        ON s.plan_date = f.plan_date
        AND s.version = f.version
        AND s.level = f.level
        AND s.member_id = f.member_id
        AND s.business_date = f.business_date
)
SELECT
    n.plan_date,
    n.version,
    o.plan_date AS last_plan_date,
    o.version AS last_version,
    n.level,
    n.member_id,
    coalesce(m.member_name, n.member_id) AS member_name,
    n.business_date,
    trim(to_char(n.business_date, 'Day')) AS weekday,
    n.mean_offered_contacts,
    o.mean_offered_contacts AS last_mean_offered_contacts,
    n.mean_offered_contacts - o.mean_offered_contacts AS change_contacts,
    n.staff_hours,
    o.staff_hours AS last_staff_hours,
    n.staff_hours - o.staff_hours AS change_staff_hours,
    n.peak_scheduled_staff,
    o.peak_scheduled_staff AS last_peak_scheduled_staff,
    n.peak_scheduled_staff - o.peak_scheduled_staff AS change_peak_staff,
    CASE
        WHEN o.plan_date IS NULL THEN 'not in the last plan'
        ELSE to_char(n.mean_offered_contacts - o.mean_offered_contacts, 'FMSG999999990') || ' contacts, '
            || to_char(n.staff_hours - o.staff_hours, 'FMSG999999990.0') || ' staff hours, '
            || to_char(n.peak_scheduled_staff - o.peak_scheduled_staff, 'FMSG999999990') || ' people at the peak'
    END AS change_in_words,
    why.in_words AS reasons_in_words
FROM tonight AS t
JOIN days AS n ON n.plan_date = t.plan_date AND n.version = t.version
LEFT JOIN last_plan AS l ON TRUE
LEFT JOIN days AS o
    ON o.plan_date = l.plan_date
    AND o.version = l.version
    AND o.level = n.level
    AND o.member_id = n.member_id
    AND o.business_date = n.business_date
LEFT JOIN level_members AS m ON m.level = n.level AND m.member_id = n.member_id
LEFT JOIN LATERAL (
    SELECT string_agg(
        c.words || ' ' || CASE c.reason
            WHEN 'handle_time' THEN to_char(c.change_work_hours, 'FMSG999999990.0') || ' hours of work'
            ELSE to_char(c.change_contacts, 'FMSG999999990') || ' contacts'
        END,
        '; ' ORDER BY abs(c.change_contacts) DESC, c.reason
    ) AS in_words
    FROM forecast_change AS c
    WHERE c.plan_date = n.plan_date AND c.version = n.version AND c.level = n.level AND c.member_id = n.member_id
        AND c.business_date = n.business_date AND c.former_plan_date = o.plan_date
        AND (abs(c.change_contacts) >= 0.5 OR (c.reason = 'handle_time' AND abs(c.change_work_hours) >= 0.1))
) AS why ON TRUE;

COMMENT ON VIEW tonight_vs_last_plan IS 'What changed since the plan of the night before: contacts, staff hours and peak per day, for every queue and level above it.';
COMMENT ON COLUMN tonight_vs_last_plan.last_plan_date IS 'Night of the plan compared with: the newest one of an earlier night; missing where it did not reach this day. Unit: date.';
COMMENT ON COLUMN tonight_vs_last_plan.last_version IS 'Version of the plan compared with. Unit: version.';
COMMENT ON COLUMN tonight_vs_last_plan.last_mean_offered_contacts IS 'Contacts that the last plan expected. Unit: contacts.';
COMMENT ON COLUMN tonight_vs_last_plan.change_contacts IS 'Contacts expected tonight less those of the last plan. Unit: contacts.';
COMMENT ON COLUMN tonight_vs_last_plan.last_staff_hours IS 'Hours to schedule in the last plan. Unit: hours.';
COMMENT ON COLUMN tonight_vs_last_plan.change_staff_hours IS 'Hours to schedule tonight less those of the last plan. Unit: hours.';
COMMENT ON COLUMN tonight_vs_last_plan.last_peak_scheduled_staff IS 'Most people in any interval in the last plan. Unit: people.';
COMMENT ON COLUMN tonight_vs_last_plan.change_peak_staff IS 'Most people in any interval tonight less those of the last plan. Unit: people.';
COMMENT ON COLUMN tonight_vs_last_plan.change_in_words IS 'The three changes in one phrase. Unit: text.';
COMMENT ON COLUMN tonight_vs_last_plan.reasons_in_words IS 'Why the contacts changed, the largest reason first; all of them, adding up, in forecast_change. Unit: text.';
