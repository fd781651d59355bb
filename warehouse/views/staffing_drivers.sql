CREATE VIEW staffing_drivers AS
SELECT
    f.plan_date,
    f.version,
    f.member_id AS queue_id,
    q.queue_name,
    q.channel,
    f.business_date,
    trim(to_char(f.business_date, 'Day')) AS weekday,
    f.lead_days,
    f.mean_offered_contacts,
    coalesce(s.staff_hours, 0) AS staff_hours,
    f.base_contacts,
    f.weekday_contacts,
    f.calendar_contacts,
    f.holiday_contacts,
    f.trend_contacts,
    f.claims_lead_contacts,
    coalesce(f.driver_lead_contacts, 0) AS driver_lead_contacts,
    f.event_contacts,
    f.override_contacts,
    CASE WHEN f.mean_offered_contacts > 0 THEN coalesce(s.staff_hours, 0) * f.claims_lead_contacts / f.mean_offered_contacts ELSE 0 END
        AS claims_lead_staff_hours,
    w.in_words AS claims_in_words,
    CASE
        WHEN f.mean_offered_contacts = 0 AND coalesce(s.staff_hours, 0) = 0 THEN 'closed, nothing expected'
        ELSE to_char(f.base_contacts, 'FM999999990') || ' contacts on an average open day' || coalesce(d.in_words, '; nothing else moves it')
    END AS drivers_in_words
FROM plan_version AS v
JOIN forecast_daily AS f ON f.plan_date = v.plan_date AND f.version = v.version AND f.level = 'queue'
JOIN queue AS q ON q.queue_id = f.member_id
LEFT JOIN staffing_daily AS s
    ON s.plan_date = f.plan_date
    AND s.version = f.version
    AND s.level = f.level
    AND s.member_id = f.member_id
    AND s.business_date = f.business_date
LEFT JOIN LATERAL (
    SELECT string_agg('; ' || driver.name || ' ' || to_char(driver.contacts, 'FMSG999999990'), '' ORDER BY abs(driver.contacts) DESC, driver.name) AS in_words
    FROM (
        VALUES
            (trim(to_char(f.business_date, 'Day')), f.weekday_contacts),
            ('time of the month', f.calendar_contacts),
            ('holidays and catching up', f.holiday_contacts),
            ('trend and season', f.trend_contacts),
            ('claims reported or expected', f.claims_lead_contacts),
            ('mailings and other drivers', coalesce(f.driver_lead_contacts, 0)),
            ('known events', f.event_contacts),
            ('planners'' changes', f.override_contacts)
    ) AS driver (name, contacts)
    WHERE abs(driver.contacts) >= 0.5 AND abs(driver.contacts) >= 0.005 * f.mean_offered_contacts
) AS d ON TRUE
LEFT JOIN LATERAL (
    SELECT string_agg(told.in_words, '; ' ORDER BY told.place) AS in_words
    FROM (
        SELECT
            min(one.place) AS place,
            CASE
                WHEN min(one.place) <= 3 THEN max(one.in_words)
                ELSE 'other days and classes of claims: ' || to_char(sum(one.contacts), 'FMSG999999990')
            END AS in_words
        FROM (
            SELECT c.contacts, c.in_words, row_number() OVER (ORDER BY c.contacts DESC, c.reported_date, c.claim_class) AS place
            FROM claims_behind_plan AS c
            WHERE c.queue_id = f.member_id AND c.business_date = f.business_date AND c.contacts >= 0.5
        ) AS one
        GROUP BY least(one.place, 4)
    ) AS told
) AS w ON TRUE
WHERE v.status = 'current';

COMMENT ON VIEW staffing_drivers IS 'Why each queue gets the contacts and people it gets, in words and numbers, per day of the plan in force.';
COMMENT ON COLUMN staffing_drivers.claims_lead_staff_hours IS 'Part of staff_hours that falls to contacts announced by claims, in proportion to contacts. Unit: hours.';
COMMENT ON COLUMN staffing_drivers.claims_in_words IS 'The claims that bring most contacts, with the positions they take; all of them in claims_behind_plan. Unit: text.';
COMMENT ON COLUMN staffing_drivers.drivers_in_words IS 'The drivers in one sentence, the largest first. Unit: text.';
