CREATE TABLE plan_decisions (
    decision BIGINT NOT NULL,
    kind TEXT NOT NULL,
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    former_plan_date DATE NOT NULL,
    former_version BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_plan_decisions PRIMARY KEY (decision),
    CONSTRAINT ck_plan_decisions_decision CHECK (decision >= 1),
    CONSTRAINT ck_plan_decisions_kind CHECK (kind IN ('promoted', 'rolled_back')),
    CONSTRAINT ck_plan_decisions_version CHECK (version >= 1),
    CONSTRAINT ck_plan_decisions_former_version CHECK (former_version >= 1)
);

COMMENT ON TABLE plan_decisions IS 'Who put a published plan in force or took it out, and why. What the nights publish themselves is not in here. One row: one time that a person chose the plan in force.';

COMMENT ON COLUMN plan_decisions.decision IS 'Number of the decision, from 1. Unit: decision.';

COMMENT ON COLUMN plan_decisions.kind IS 'What was done: a chosen plan put in force, or the one in force rejected. Unit: text.';

COMMENT ON COLUMN plan_decisions.plan_date IS 'Night of the plan that has been in force since. Unit: date.';

COMMENT ON COLUMN plan_decisions.version IS 'Its version. Unit: version.';

COMMENT ON COLUMN plan_decisions.former_plan_date IS 'Night of the plan that was in force before. Unit: date.';

COMMENT ON COLUMN plan_decisions.former_version IS 'Its version. Unit: version.';

COMMENT ON COLUMN plan_decisions.decided_by IS 'Who decided. Unit: text.';

COMMENT ON COLUMN plan_decisions.reason IS 'Why. Unit: text.';

COMMENT ON COLUMN plan_decisions.decided_at IS 'When. Unit: instant UTC.';

CREATE TABLE plan_version (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    status TEXT NOT NULL,
    code_version TEXT NOT NULL,
    settings_hash TEXT NOT NULL,
    source_partitions TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    checks_passed BIGINT NOT NULL,
    checks_failed BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_plan_version PRIMARY KEY (plan_date, version),
    CONSTRAINT ck_plan_version_version CHECK (version >= 1),
    CONSTRAINT ck_plan_version_status CHECK (status IN ('draft', 'current', 'superseded', 'rejected')),
    CONSTRAINT ck_plan_version_checks_passed CHECK (checks_passed >= 0),
    CONSTRAINT ck_plan_version_checks_failed CHECK (checks_failed >= 0)
);

CREATE UNIQUE INDEX ux_plan_version_current ON plan_version (status) WHERE status = 'current';

COMMENT ON TABLE plan_version IS 'Every plan ever published. Exactly one is current. One row: one published version of one night''s plan.';

COMMENT ON COLUMN plan_version.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN plan_version.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN plan_version.status IS 'Whether it is the plan in force. Unit: text.';

COMMENT ON COLUMN plan_version.code_version IS 'Version of Leadline that made it. Unit: text.';

COMMENT ON COLUMN plan_version.settings_hash IS 'Hash of the settings it was made with. Unit: text.';

COMMENT ON COLUMN plan_version.source_partitions IS 'Content hash of every lake partition used, as JSON. Unit: text.';

COMMENT ON COLUMN plan_version.content_hash IS 'Hash of the published rows: the same plan published twice has the same hash. Unit: text.';

COMMENT ON COLUMN plan_version.checks_passed IS 'Checks that passed. Unit: checks.';

COMMENT ON COLUMN plan_version.checks_failed IS 'Checks that failed without stopping the plan. Unit: checks.';

COMMENT ON COLUMN plan_version.made_at IS 'When it was published. Unit: instant UTC.';

CREATE TABLE queue (
    queue_id TEXT NOT NULL,
    queue_name TEXT NOT NULL,
    channel TEXT NOT NULL,
    line_of_business TEXT NOT NULL,
    line_of_business_name TEXT NOT NULL,
    site TEXT NOT NULL,
    site_name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    is_deferred BOOLEAN NOT NULL,
    service_goal TEXT NOT NULL,
    CONSTRAINT pk_queue PRIMARY KEY (queue_id),
    CONSTRAINT ck_queue_channel CHECK (channel IN ('voice', 'chat', 'email', 'message', 'task', 'cases', 'claims'))
);

COMMENT ON TABLE queue IS 'The queues in people''s words, as the settings had them when a plan was last published. A queue once named stays. One row: one queue.';

COMMENT ON COLUMN queue.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN queue.queue_name IS 'Name that people use. Unit: text.';

COMMENT ON COLUMN queue.channel IS 'Channel of the queue. Unit: text.';

COMMENT ON COLUMN queue.line_of_business IS 'Line of business. Unit: text.';

COMMENT ON COLUMN queue.line_of_business_name IS 'Name of the line of business that people use. Unit: text.';

COMMENT ON COLUMN queue.site IS 'Site that works on the queue. Unit: text.';

COMMENT ON COLUMN queue.site_name IS 'Name of the site that people use. Unit: text.';

COMMENT ON COLUMN queue.time_zone IS 'Time zone of the enterprise, in which its days begin and end. Unit: text.';

COMMENT ON COLUMN queue.is_deferred IS 'Whether the work can wait and is planned by due times. Unit: flag.';

COMMENT ON COLUMN queue.service_goal IS 'The service goal in words, with its definition. Unit: text.';

CREATE TABLE backlog_projection (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    opening_items DOUBLE PRECISION NOT NULL,
    arrived_items DOUBLE PRECISION NOT NULL,
    completed_items DOUBLE PRECISION NOT NULL,
    closing_items DOUBLE PRECISION NOT NULL,
    due_items DOUBLE PRECISION NOT NULL,
    breached_items DOUBLE PRECISION NOT NULL,
    breached_items_q95 DOUBLE PRECISION NOT NULL,
    oldest_age_open_seconds DOUBLE PRECISION,
    CONSTRAINT pk_backlog_projection PRIMARY KEY (plan_date, version, queue_id, interval_start_utc),
    CONSTRAINT ck_backlog_projection_version CHECK (version >= 1),
    CONSTRAINT ck_backlog_projection_opening_items CHECK (opening_items >= 0 AND opening_items < 'Infinity'),
    CONSTRAINT ck_backlog_projection_arrived_items CHECK (arrived_items >= 0 AND arrived_items < 'Infinity'),
    CONSTRAINT ck_backlog_projection_completed_items CHECK (completed_items >= 0 AND completed_items < 'Infinity'),
    CONSTRAINT ck_backlog_projection_closing_items CHECK (closing_items >= 0 AND closing_items < 'Infinity'),
    CONSTRAINT ck_backlog_projection_due_items CHECK (due_items >= 0 AND due_items < 'Infinity'),
    CONSTRAINT ck_backlog_projection_breached_items CHECK (breached_items >= 0 AND breached_items < 'Infinity'),
    CONSTRAINT ck_backlog_projection_breached_items_q95 CHECK (breached_items_q95 >= 0 AND breached_items_q95 < 'Infinity'),
    CONSTRAINT ck_backlog_projection_oldest_age_open_seconds CHECK (oldest_age_open_seconds >= 0 AND oldest_age_open_seconds < 'Infinity'),
    CONSTRAINT fk_backlog_projection_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_backlog_projection_business_date ON backlog_projection (business_date, plan_date, version);

COMMENT ON TABLE backlog_projection IS 'How the backlog of deferred work is expected to move: opening + arrivals - completed = closing. One row: one plan, deferred queue and interval.';

COMMENT ON COLUMN backlog_projection.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN backlog_projection.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN backlog_projection.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN backlog_projection.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN backlog_projection.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN backlog_projection.opening_items IS 'Items open at the start. Unit: items.';

COMMENT ON COLUMN backlog_projection.arrived_items IS 'Items expected to arrive. Unit: items.';

COMMENT ON COLUMN backlog_projection.completed_items IS 'Items expected to be completed. Unit: items.';

COMMENT ON COLUMN backlog_projection.closing_items IS 'Items open at the end. Unit: items.';

COMMENT ON COLUMN backlog_projection.due_items IS 'Items that have to be completed by the end of the interval. Unit: items.';

COMMENT ON COLUMN backlog_projection.breached_items IS 'Items expected to be completed after they were due. Unit: items.';

COMMENT ON COLUMN backlog_projection.breached_items_q95 IS 'The same if arrivals come at their 95 % quantile. Unit: items.';

COMMENT ON COLUMN backlog_projection.oldest_age_open_seconds IS 'Age of the oldest open item in business time. Unit: seconds.';

CREATE TABLE certainty_curve (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    goal_probability DOUBLE PRECISION NOT NULL,
    position_hours DOUBLE PRECISION NOT NULL,
    staff_hours DOUBLE PRECISION NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    peak_scheduled_staff BIGINT NOT NULL,
    CONSTRAINT pk_certainty_curve PRIMARY KEY (plan_date, version, queue_id, goal_probability),
    CONSTRAINT ck_certainty_curve_version CHECK (version >= 1),
    CONSTRAINT ck_certainty_curve_goal_probability CHECK (goal_probability >= 0 AND goal_probability <= 1),
    CONSTRAINT ck_certainty_curve_position_hours CHECK (position_hours >= 0 AND position_hours < 'Infinity'),
    CONSTRAINT ck_certainty_curve_staff_hours CHECK (staff_hours >= 0 AND staff_hours < 'Infinity'),
    CONSTRAINT ck_certainty_curve_cost CHECK (cost >= 0 AND cost < 'Infinity'),
    CONSTRAINT ck_certainty_curve_peak_scheduled_staff CHECK (peak_scheduled_staff >= 0),
    CONSTRAINT fk_certainty_curve_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

COMMENT ON TABLE certainty_curve IS 'What certainty costs: hours and money over the whole plan if every interval is to meet its goal with a probability. One row: one plan, queue and probability.';

COMMENT ON COLUMN certainty_curve.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN certainty_curve.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN certainty_curve.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN certainty_curve.goal_probability IS 'Probability with which each interval meets its goal. Unit: fraction.';

COMMENT ON COLUMN certainty_curve.position_hours IS 'Hours at work needed, before shrinkage. Unit: hours.';

COMMENT ON COLUMN certainty_curve.staff_hours IS 'Hours to schedule, shrinkage included. Unit: hours.';

COMMENT ON COLUMN certainty_curve.cost IS 'Cost of the hours to schedule. Unit: currency.';

COMMENT ON COLUMN certainty_curve.peak_scheduled_staff IS 'Most people scheduled in any interval. Unit: people.';

CREATE TABLE claims_lead (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    claim_class TEXT NOT NULL,
    lag_days BIGINT NOT NULL,
    contacts_per_claim DOUBLE PRECISION NOT NULL,
    contacts_per_claim_low DOUBLE PRECISION NOT NULL,
    contacts_per_claim_high DOUBLE PRECISION NOT NULL,
    peak_lag_days BIGINT NOT NULL,
    explained_fraction DOUBLE PRECISION NOT NULL,
    uplift_fraction DOUBLE PRECISION,
    shift_test_p_value DOUBLE PRECISION,
    contacts_to_come DOUBLE PRECISION NOT NULL,
    used BOOLEAN NOT NULL,
    verdict TEXT NOT NULL,
    CONSTRAINT pk_claims_lead PRIMARY KEY (plan_date, version, queue_id, claim_class, lag_days),
    CONSTRAINT ck_claims_lead_version CHECK (version >= 1),
    CONSTRAINT ck_claims_lead_lag_days CHECK (lag_days >= 0),
    CONSTRAINT ck_claims_lead_contacts_per_claim CHECK (contacts_per_claim >= 0 AND contacts_per_claim < 'Infinity'),
    CONSTRAINT ck_claims_lead_contacts_per_claim_low CHECK (contacts_per_claim_low >= 0 AND contacts_per_claim_low < 'Infinity'),
    CONSTRAINT ck_claims_lead_contacts_per_claim_high CHECK (contacts_per_claim_high >= 0 AND contacts_per_claim_high < 'Infinity'),
    CONSTRAINT ck_claims_lead_peak_lag_days CHECK (peak_lag_days >= 0),
    CONSTRAINT ck_claims_lead_explained_fraction CHECK (explained_fraction >= 0 AND explained_fraction <= 1),
    CONSTRAINT ck_claims_lead_uplift_fraction CHECK (uplift_fraction > '-Infinity' AND uplift_fraction <= 1),
    CONSTRAINT ck_claims_lead_shift_test_p_value CHECK (shift_test_p_value >= 0 AND shift_test_p_value <= 1),
    CONSTRAINT ck_claims_lead_contacts_to_come CHECK (contacts_to_come >= 0 AND contacts_to_come < 'Infinity'),
    CONSTRAINT fk_claims_lead_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

COMMENT ON TABLE claims_lead IS 'How claims announce contacts: contacts per claim so many days later, with the verdict whether the plan used it. One row: one plan, queue, claim class and lag day.';

COMMENT ON COLUMN claims_lead.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN claims_lead.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN claims_lead.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN claims_lead.claim_class IS 'Class of claims, by line of business. Unit: text.';

COMMENT ON COLUMN claims_lead.lag_days IS 'Days from the claim''s report to the contact; 0 is the same day. Unit: days.';

COMMENT ON COLUMN claims_lead.contacts_per_claim IS 'Contacts that one claim brings on that day. Unit: contacts per claim.';

COMMENT ON COLUMN claims_lead.contacts_per_claim_low IS 'Lower end of the 90 % interval. Unit: contacts per claim.';

COMMENT ON COLUMN claims_lead.contacts_per_claim_high IS 'Upper end of the 90 % interval. Unit: contacts per claim.';

COMMENT ON COLUMN claims_lead.peak_lag_days IS 'Lag at which a claim brings most contacts. Unit: days.';

COMMENT ON COLUMN claims_lead.explained_fraction IS 'Share of the queue''s contacts that claims of this class explain. Unit: fraction.';

COMMENT ON COLUMN claims_lead.uplift_fraction IS 'How much lower the out-of-sample error is with claims than without. Unit: fraction.';

COMMENT ON COLUMN claims_lead.shift_test_p_value IS 'Share of circularly shifted claims series that explain as much by chance. Unit: fraction.';

COMMENT ON COLUMN claims_lead.contacts_to_come IS 'Contacts still to come from claims already reported. Unit: contacts.';

COMMENT ON COLUMN claims_lead.used IS 'Whether the plan used the lead. Unit: flag.';

COMMENT ON COLUMN claims_lead.verdict IS 'The verdict and its reason, in words. Unit: text.';

CREATE TABLE data_quality (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    stage TEXT NOT NULL,
    table_name TEXT NOT NULL,
    rule TEXT NOT NULL,
    severity TEXT NOT NULL,
    result TEXT NOT NULL,
    rows_checked BIGINT NOT NULL,
    rows_failed BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL,
    queues_affected TEXT,
    observed TEXT,
    expected TEXT NOT NULL,
    next_step TEXT,
    CONSTRAINT pk_data_quality PRIMARY KEY (plan_date, version, stage, table_name, rule),
    CONSTRAINT ck_data_quality_version CHECK (version >= 1),
    CONSTRAINT ck_data_quality_severity CHECK (severity IN ('stop', 'quarantine', 'warn')),
    CONSTRAINT ck_data_quality_result CHECK (result IN ('passed', 'failed')),
    CONSTRAINT ck_data_quality_rows_checked CHECK (rows_checked >= 0),
    CONSTRAINT ck_data_quality_rows_failed CHECK (rows_failed >= 0),
    CONSTRAINT ck_data_quality_rows_quarantined CHECK (rows_quarantined >= 0),
    CONSTRAINT fk_data_quality_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

COMMENT ON TABLE data_quality IS 'What every check of the night found. One row: one night, table and rule.';

COMMENT ON COLUMN data_quality.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN data_quality.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN data_quality.stage IS 'Stage of the night. Unit: text.';

COMMENT ON COLUMN data_quality.table_name IS 'Table checked. Unit: text.';

COMMENT ON COLUMN data_quality.rule IS 'Rule. Unit: text.';

COMMENT ON COLUMN data_quality.severity IS 'What a failure does. Unit: text.';

COMMENT ON COLUMN data_quality.result IS 'Outcome. Unit: text.';

COMMENT ON COLUMN data_quality.rows_checked IS 'Rows looked at. Unit: rows.';

COMMENT ON COLUMN data_quality.rows_failed IS 'Rows that break the rule. Unit: rows.';

COMMENT ON COLUMN data_quality.rows_quarantined IS 'Rows put aside for it. Unit: rows.';

COMMENT ON COLUMN data_quality.queues_affected IS 'Queues touched, separated by commas. Unit: text.';

COMMENT ON COLUMN data_quality.observed IS 'What was seen, in words. Unit: text.';

COMMENT ON COLUMN data_quality.expected IS 'What was expected, in words. Unit: text.';

COMMENT ON COLUMN data_quality.next_step IS 'What to do about it. Unit: text.';

CREATE TABLE forecast_daily (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    offered_contacts_q05 DOUBLE PRECISION NOT NULL,
    offered_contacts_q10 DOUBLE PRECISION NOT NULL,
    offered_contacts_q25 DOUBLE PRECISION NOT NULL,
    offered_contacts_q50 DOUBLE PRECISION NOT NULL,
    offered_contacts_q75 DOUBLE PRECISION NOT NULL,
    offered_contacts_q90 DOUBLE PRECISION NOT NULL,
    offered_contacts_q95 DOUBLE PRECISION NOT NULL,
    mean_handle_seconds DOUBLE PRECISION,
    mean_handle_seconds_q05 DOUBLE PRECISION,
    mean_handle_seconds_q10 DOUBLE PRECISION,
    mean_handle_seconds_q25 DOUBLE PRECISION,
    mean_handle_seconds_q50 DOUBLE PRECISION,
    mean_handle_seconds_q75 DOUBLE PRECISION,
    mean_handle_seconds_q90 DOUBLE PRECISION,
    mean_handle_seconds_q95 DOUBLE PRECISION,
    base_contacts DOUBLE PRECISION NOT NULL,
    weekday_contacts DOUBLE PRECISION NOT NULL,
    calendar_contacts DOUBLE PRECISION NOT NULL,
    holiday_contacts DOUBLE PRECISION NOT NULL,
    trend_contacts DOUBLE PRECISION NOT NULL,
    claims_lead_contacts DOUBLE PRECISION NOT NULL,
    event_contacts DOUBLE PRECISION NOT NULL,
    override_contacts DOUBLE PRECISION NOT NULL,
    champion_model TEXT NOT NULL,
    fallback_reason TEXT,
    data_until_date DATE,
    data_warning TEXT,
    CONSTRAINT pk_forecast_daily PRIMARY KEY (plan_date, version, level, member_id, business_date),
    CONSTRAINT ck_forecast_daily_version CHECK (version >= 1),
    CONSTRAINT ck_forecast_daily_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_forecast_daily_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_forecast_daily_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q05 CHECK (offered_contacts_q05 >= 0 AND offered_contacts_q05 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q10 CHECK (offered_contacts_q10 >= 0 AND offered_contacts_q10 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q25 CHECK (offered_contacts_q25 >= 0 AND offered_contacts_q25 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q50 CHECK (offered_contacts_q50 >= 0 AND offered_contacts_q50 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q75 CHECK (offered_contacts_q75 >= 0 AND offered_contacts_q75 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q90 CHECK (offered_contacts_q90 >= 0 AND offered_contacts_q90 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_offered_contacts_q95 CHECK (offered_contacts_q95 >= 0 AND offered_contacts_q95 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds CHECK (mean_handle_seconds >= 0 AND mean_handle_seconds < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q05 CHECK (mean_handle_seconds_q05 >= 0 AND mean_handle_seconds_q05 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q10 CHECK (mean_handle_seconds_q10 >= 0 AND mean_handle_seconds_q10 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q25 CHECK (mean_handle_seconds_q25 >= 0 AND mean_handle_seconds_q25 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q50 CHECK (mean_handle_seconds_q50 >= 0 AND mean_handle_seconds_q50 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q75 CHECK (mean_handle_seconds_q75 >= 0 AND mean_handle_seconds_q75 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q90 CHECK (mean_handle_seconds_q90 >= 0 AND mean_handle_seconds_q90 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_mean_handle_seconds_q95 CHECK (mean_handle_seconds_q95 >= 0 AND mean_handle_seconds_q95 < 'Infinity'),
    CONSTRAINT ck_forecast_daily_base_contacts CHECK (base_contacts > '-Infinity' AND base_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_weekday_contacts CHECK (weekday_contacts > '-Infinity' AND weekday_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_calendar_contacts CHECK (calendar_contacts > '-Infinity' AND calendar_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_holiday_contacts CHECK (holiday_contacts > '-Infinity' AND holiday_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_trend_contacts CHECK (trend_contacts > '-Infinity' AND trend_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_claims_lead_contacts CHECK (claims_lead_contacts > '-Infinity' AND claims_lead_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_event_contacts CHECK (event_contacts > '-Infinity' AND event_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_daily_override_contacts CHECK (override_contacts > '-Infinity' AND override_contacts < 'Infinity'),
    CONSTRAINT fk_forecast_daily_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_forecast_daily_business_date ON forecast_daily (business_date, plan_date, version);

COMMENT ON TABLE forecast_daily IS 'Contacts expected per day for every queue and every level above, with the reasons. The drivers add up to the mean. One row: one plan, one member of a level of the enterprise and one day.';

COMMENT ON COLUMN forecast_daily.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN forecast_daily.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN forecast_daily.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN forecast_daily.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN forecast_daily.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN forecast_daily.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN forecast_daily.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q05 IS '5 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q10 IS '10 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q25 IS '25 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q50 IS '50 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q75 IS '75 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q90 IS '90 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.offered_contacts_q95 IS '95 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds IS 'Expected mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q05 IS '5 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q10 IS '10 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q25 IS '25 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q50 IS '50 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q75 IS '75 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q90 IS '90 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.mean_handle_seconds_q95 IS '95 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_daily.base_contacts IS 'Level of an average open day. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.weekday_contacts IS 'What the weekday adds or takes. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.calendar_contacts IS 'What the business calendar (month start and end, pay days) adds or takes. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.holiday_contacts IS 'What holidays, their eves and catch-up after closures add or take. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.trend_contacts IS 'What trend and season add or take. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.claims_lead_contacts IS 'What claims already reported or expected add. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.event_contacts IS 'What known events add or take. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.override_contacts IS 'What planners changed. Unit: contacts.';

COMMENT ON COLUMN forecast_daily.champion_model IS 'Model whose forecast is published. Unit: text.';

COMMENT ON COLUMN forecast_daily.fallback_reason IS 'Why a simpler model was used than usual; missing when all was well. Unit: text.';

COMMENT ON COLUMN forecast_daily.data_until_date IS 'Last day whose contacts the forecast rests on; of a level above, the earliest of its queues''. Unit: date.';

COMMENT ON COLUMN forecast_daily.data_warning IS 'Why recent days were left out, or a former forecast stands in: people look at this first. Missing when all is well. Unit: text.';

CREATE TABLE forecast_interval (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    offered_contacts_q05 DOUBLE PRECISION NOT NULL,
    offered_contacts_q10 DOUBLE PRECISION NOT NULL,
    offered_contacts_q25 DOUBLE PRECISION NOT NULL,
    offered_contacts_q50 DOUBLE PRECISION NOT NULL,
    offered_contacts_q75 DOUBLE PRECISION NOT NULL,
    offered_contacts_q90 DOUBLE PRECISION NOT NULL,
    offered_contacts_q95 DOUBLE PRECISION NOT NULL,
    mean_handle_seconds DOUBLE PRECISION,
    mean_handle_seconds_q05 DOUBLE PRECISION,
    mean_handle_seconds_q10 DOUBLE PRECISION,
    mean_handle_seconds_q25 DOUBLE PRECISION,
    mean_handle_seconds_q50 DOUBLE PRECISION,
    mean_handle_seconds_q75 DOUBLE PRECISION,
    mean_handle_seconds_q90 DOUBLE PRECISION,
    mean_handle_seconds_q95 DOUBLE PRECISION,
    champion_model TEXT NOT NULL,
    CONSTRAINT pk_forecast_interval PRIMARY KEY (plan_date, version, queue_id, interval_start_utc),
    CONSTRAINT ck_forecast_interval_version CHECK (version >= 1),
    CONSTRAINT ck_forecast_interval_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_forecast_interval_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q05 CHECK (offered_contacts_q05 >= 0 AND offered_contacts_q05 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q10 CHECK (offered_contacts_q10 >= 0 AND offered_contacts_q10 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q25 CHECK (offered_contacts_q25 >= 0 AND offered_contacts_q25 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q50 CHECK (offered_contacts_q50 >= 0 AND offered_contacts_q50 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q75 CHECK (offered_contacts_q75 >= 0 AND offered_contacts_q75 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q90 CHECK (offered_contacts_q90 >= 0 AND offered_contacts_q90 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_offered_contacts_q95 CHECK (offered_contacts_q95 >= 0 AND offered_contacts_q95 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds CHECK (mean_handle_seconds >= 0 AND mean_handle_seconds < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q05 CHECK (mean_handle_seconds_q05 >= 0 AND mean_handle_seconds_q05 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q10 CHECK (mean_handle_seconds_q10 >= 0 AND mean_handle_seconds_q10 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q25 CHECK (mean_handle_seconds_q25 >= 0 AND mean_handle_seconds_q25 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q50 CHECK (mean_handle_seconds_q50 >= 0 AND mean_handle_seconds_q50 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q75 CHECK (mean_handle_seconds_q75 >= 0 AND mean_handle_seconds_q75 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q90 CHECK (mean_handle_seconds_q90 >= 0 AND mean_handle_seconds_q90 < 'Infinity'),
    CONSTRAINT ck_forecast_interval_mean_handle_seconds_q95 CHECK (mean_handle_seconds_q95 >= 0 AND mean_handle_seconds_q95 < 'Infinity'),
    CONSTRAINT fk_forecast_interval_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_forecast_interval_business_date ON forecast_interval (business_date, plan_date, version);

COMMENT ON TABLE forecast_interval IS 'Contacts expected per interval with their uncertainty. Quantiles of intervals share the day''s factor. One row: one plan, queue and interval.';

COMMENT ON COLUMN forecast_interval.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN forecast_interval.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN forecast_interval.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN forecast_interval.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN forecast_interval.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN forecast_interval.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN forecast_interval.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q05 IS '5 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q10 IS '10 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q25 IS '25 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q50 IS '50 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q75 IS '75 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q90 IS '90 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.offered_contacts_q95 IS '95 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds IS 'Expected mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q05 IS '5 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q10 IS '10 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q25 IS '25 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q50 IS '50 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q75 IS '75 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q90 IS '90 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.mean_handle_seconds_q95 IS '95 % quantile of: mean handle time (AHT). Unit: seconds.';

COMMENT ON COLUMN forecast_interval.champion_model IS 'Model whose forecast is published. Unit: text.';

CREATE TABLE model_leaderboard (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    model TEXT NOT NULL,
    lead_band TEXT NOT NULL,
    wape_fraction DOUBLE PRECISION,
    pinball_contacts DOUBLE PRECISION,
    bias_fraction DOUBLE PRECISION,
    coverage_80_fraction DOUBLE PRECISION,
    backtest_days BIGINT NOT NULL,
    is_champion BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_model_leaderboard PRIMARY KEY (plan_date, version, queue_id, model, lead_band),
    CONSTRAINT ck_model_leaderboard_version CHECK (version >= 1),
    CONSTRAINT ck_model_leaderboard_wape_fraction CHECK (wape_fraction >= 0 AND wape_fraction < 'Infinity'),
    CONSTRAINT ck_model_leaderboard_pinball_contacts CHECK (pinball_contacts >= 0 AND pinball_contacts < 'Infinity'),
    CONSTRAINT ck_model_leaderboard_bias_fraction CHECK (bias_fraction > '-Infinity' AND bias_fraction < 'Infinity'),
    CONSTRAINT ck_model_leaderboard_coverage_80_fraction CHECK (coverage_80_fraction >= 0 AND coverage_80_fraction <= 1),
    CONSTRAINT ck_model_leaderboard_backtest_days CHECK (backtest_days >= 0),
    CONSTRAINT fk_model_leaderboard_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

COMMENT ON TABLE model_leaderboard IS 'How every candidate did in the rolling-origin backtest, and which became champion and why. One row: one plan, queue, candidate model and band of leads.';

COMMENT ON COLUMN model_leaderboard.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN model_leaderboard.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN model_leaderboard.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN model_leaderboard.model IS 'Candidate model. Unit: text.';

COMMENT ON COLUMN model_leaderboard.lead_band IS 'Band of lead days, as ''1-7''. Unit: text.';

COMMENT ON COLUMN model_leaderboard.wape_fraction IS 'Weighted absolute percentage error over the backtest. Unit: fraction.';

COMMENT ON COLUMN model_leaderboard.pinball_contacts IS 'Mean pinball loss over the published quantiles. Unit: contacts.';

COMMENT ON COLUMN model_leaderboard.bias_fraction IS 'Sum of errors over sum of actuals; positive is forecast too high. Unit: fraction.';

COMMENT ON COLUMN model_leaderboard.coverage_80_fraction IS 'Share of days inside the 80 % band. Unit: fraction.';

COMMENT ON COLUMN model_leaderboard.backtest_days IS 'Days the figures rest on. Unit: days.';

COMMENT ON COLUMN model_leaderboard.is_champion IS 'Whether this model''s forecast is published. Unit: flag.';

COMMENT ON COLUMN model_leaderboard.reason IS 'Why it is or is not the champion. Unit: text.';

CREATE TABLE quality_findings (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    rule TEXT NOT NULL,
    subject_kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    stage TEXT NOT NULL,
    table_name TEXT NOT NULL,
    severity TEXT NOT NULL,
    action TEXT NOT NULL,
    measure TEXT,
    observed_value DOUBLE PRECISION,
    expected_value DOUBLE PRECISION,
    expected_low DOUBLE PRECISION,
    expected_high DOUBLE PRECISION,
    reason TEXT NOT NULL,
    next_step TEXT NOT NULL,
    CONSTRAINT pk_quality_findings PRIMARY KEY (plan_date, version, rule, subject_kind, subject_id, business_date),
    CONSTRAINT ck_quality_findings_version CHECK (version >= 1),
    CONSTRAINT ck_quality_findings_subject_kind CHECK (subject_kind IN ('queue', 'source', 'claims', 'table')),
    CONSTRAINT ck_quality_findings_severity CHECK (severity IN ('stop', 'quarantine', 'warn')),
    CONSTRAINT ck_quality_findings_action CHECK (action IN ('kept_back', 'held', 'noted', 'released')),
    CONSTRAINT ck_quality_findings_observed_value CHECK (observed_value > '-Infinity' AND observed_value < 'Infinity'),
    CONSTRAINT ck_quality_findings_expected_value CHECK (expected_value > '-Infinity' AND expected_value < 'Infinity'),
    CONSTRAINT ck_quality_findings_expected_low CHECK (expected_low > '-Infinity' AND expected_low < 'Infinity'),
    CONSTRAINT ck_quality_findings_expected_high CHECK (expected_high > '-Infinity' AND expected_high < 'Infinity'),
    CONSTRAINT fk_quality_findings_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_quality_findings_business_date ON quality_findings (business_date, plan_date, version);

COMMENT ON TABLE quality_findings IS 'Where checks failed: which queue, feed or table and which day, what was seen and expected, and what the plan did. One row: one night, rule, subject and day of which the rule does not hold.';

COMMENT ON COLUMN quality_findings.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN quality_findings.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN quality_findings.rule IS 'Rule. Unit: text.';

COMMENT ON COLUMN quality_findings.subject_kind IS 'What the finding is about. Unit: text.';

COMMENT ON COLUMN quality_findings.subject_id IS 'Which one: a queue, a source of the settings, a line of business of claims, or a table. Unit: text.';

COMMENT ON COLUMN quality_findings.business_date IS 'Day whose data break the rule; for a forecast or plan, the night. Unit: date.';

COMMENT ON COLUMN quality_findings.stage IS 'Stage of the night. Unit: text.';

COMMENT ON COLUMN quality_findings.table_name IS 'Table checked. Unit: text.';

COMMENT ON COLUMN quality_findings.severity IS 'What a failure does. Unit: text.';

COMMENT ON COLUMN quality_findings.action IS 'What the plan did: kept_back (no plan tonight), held (the day is left out and the plan rests on the last good one), noted (nothing), released (a person said that the day is right). Unit: text.';

COMMENT ON COLUMN quality_findings.measure IS 'What was measured, with its unit in the name; missing where the rule is about form. Unit: text.';

COMMENT ON COLUMN quality_findings.observed_value IS 'What was seen. Unit: unit of the measure.';

COMMENT ON COLUMN quality_findings.expected_value IS 'What was expected. Unit: unit of the measure.';

COMMENT ON COLUMN quality_findings.expected_low IS 'Lowest value that would have been accepted. Unit: unit of the measure.';

COMMENT ON COLUMN quality_findings.expected_high IS 'Highest value that would have been accepted. Unit: unit of the measure.';

COMMENT ON COLUMN quality_findings.reason IS 'What was seen and what was expected, in words. Unit: text.';

COMMENT ON COLUMN quality_findings.next_step IS 'What to do about it. Unit: text.';

CREATE TABLE shift_cover (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    staff_group TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    required_people BIGINT NOT NULL,
    working_people BIGINT NOT NULL,
    missing_people BIGINT NOT NULL,
    surplus_people BIGINT NOT NULL,
    hours_to_fill DOUBLE PRECISION NOT NULL,
    surplus_hours DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_shift_cover PRIMARY KEY (plan_date, version, staff_group, interval_start_utc),
    CONSTRAINT ck_shift_cover_version CHECK (version >= 1),
    CONSTRAINT ck_shift_cover_required_people CHECK (required_people >= 0),
    CONSTRAINT ck_shift_cover_working_people CHECK (working_people >= 0),
    CONSTRAINT ck_shift_cover_missing_people CHECK (missing_people >= 0),
    CONSTRAINT ck_shift_cover_surplus_people CHECK (surplus_people >= 0),
    CONSTRAINT ck_shift_cover_hours_to_fill CHECK (hours_to_fill >= 0 AND hours_to_fill < 'Infinity'),
    CONSTRAINT ck_shift_cover_surplus_hours CHECK (surplus_hours >= 0 AND surplus_hours < 'Infinity'),
    CONSTRAINT fk_shift_cover_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_shift_cover_business_date ON shift_cover (business_date, plan_date, version);

COMMENT ON TABLE shift_cover IS 'What shifts cover: required = working + missing - surplus. One row: one plan, staff group and interval in which people are required or at work.';

COMMENT ON COLUMN shift_cover.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN shift_cover.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN shift_cover.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN shift_cover.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN shift_cover.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN shift_cover.required_people IS 'People to schedule; losses that the shifts themselves plan (breaks) not included. Unit: people.';

COMMENT ON COLUMN shift_cover.working_people IS 'People whose shift covers the interval, less those on their break. Unit: people.';

COMMENT ON COLUMN shift_cover.missing_people IS 'People missing. Unit: people.';

COMMENT ON COLUMN shift_cover.surplus_people IS 'People beyond what is required. Unit: people.';

COMMENT ON COLUMN shift_cover.hours_to_fill IS 'Missing people times the interval. Unit: hours.';

COMMENT ON COLUMN shift_cover.surplus_hours IS 'Surplus people times the interval. Unit: hours.';

CREATE TABLE shift_people (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    staff_group TEXT NOT NULL,
    contract TEXT NOT NULL,
    staff_group_name TEXT NOT NULL,
    contract_name TEXT NOT NULL,
    people BIGINT NOT NULL,
    shifts BIGINT NOT NULL,
    paid_hours DOUBLE PRECISION NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    highest_saving_fraction DOUBLE PRECISION,
    note TEXT,
    CONSTRAINT pk_shift_people PRIMARY KEY (plan_date, version, staff_group, contract),
    CONSTRAINT ck_shift_people_version CHECK (version >= 1),
    CONSTRAINT ck_shift_people_people CHECK (people >= 0),
    CONSTRAINT ck_shift_people_shifts CHECK (shifts >= 0),
    CONSTRAINT ck_shift_people_paid_hours CHECK (paid_hours >= 0 AND paid_hours < 'Infinity'),
    CONSTRAINT ck_shift_people_cost CHECK (cost >= 0 AND cost < 'Infinity'),
    CONSTRAINT ck_shift_people_highest_saving_fraction CHECK (highest_saving_fraction >= 0 AND highest_saving_fraction <= 1),
    CONSTRAINT fk_shift_people_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

COMMENT ON TABLE shift_people IS 'How many people of each contract the cheapest shifts take over the whole plan, and how near to the best that is. One row: one plan, staff group and contract.';

COMMENT ON COLUMN shift_people.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN shift_people.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN shift_people.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN shift_people.contract IS 'Contract, by its name in the settings. Unit: text.';

COMMENT ON COLUMN shift_people.staff_group_name IS 'Name of the group. Unit: text.';

COMMENT ON COLUMN shift_people.contract_name IS 'Name of the contract. Unit: text.';

COMMENT ON COLUMN shift_people.people IS 'People of this contract. Unit: people.';

COMMENT ON COLUMN shift_people.shifts IS 'Their shifts within the plan. Unit: shifts.';

COMMENT ON COLUMN shift_people.paid_hours IS 'Paid hours of these shifts. Unit: hours.';

COMMENT ON COLUMN shift_people.cost IS 'Cost of these shifts. Unit: currency.';

COMMENT ON COLUMN shift_people.highest_saving_fraction IS 'No other plan of the group''s shifts saves more than this share of its cost (missing hours priced). Unit: fraction.';

COMMENT ON COLUMN shift_people.note IS 'Why the group has no shifts, in words; missing where it has. Unit: text.';

CREATE TABLE shift_schedule (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    staff_group TEXT NOT NULL,
    contract TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    starting_people BIGINT NOT NULL,
    shift_end_utc TIMESTAMP WITH TIME ZONE,
    people_taking_break BIGINT NOT NULL,
    CONSTRAINT pk_shift_schedule PRIMARY KEY (plan_date, version, staff_group, contract, interval_start_utc),
    CONSTRAINT ck_shift_schedule_version CHECK (version >= 1),
    CONSTRAINT ck_shift_schedule_starting_people CHECK (starting_people >= 0),
    CONSTRAINT ck_shift_schedule_people_taking_break CHECK (people_taking_break >= 0),
    CONSTRAINT fk_shift_schedule_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_shift_schedule_business_date ON shift_schedule (business_date, plan_date, version);

COMMENT ON TABLE shift_schedule IS 'When shifts begin and end, and when the breaks of people at work begin. One row: one plan, staff group, contract and interval in which shifts or breaks begin.';

COMMENT ON COLUMN shift_schedule.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN shift_schedule.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN shift_schedule.staff_group IS 'Group of people that share queues, by its name in the settings. Unit: text.';

COMMENT ON COLUMN shift_schedule.contract IS 'Contract, by its name in the settings. Unit: text.';

COMMENT ON COLUMN shift_schedule.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN shift_schedule.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN shift_schedule.starting_people IS 'People whose shift begins with the interval. Unit: people.';

COMMENT ON COLUMN shift_schedule.shift_end_utc IS 'End of the shifts that begin here; missing where only breaks do. Unit: instant UTC.';

COMMENT ON COLUMN shift_schedule.people_taking_break IS 'People of the contract whose break begins with the interval. Unit: people.';

CREATE TABLE staffing_daily (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    position_hours DOUBLE PRECISION NOT NULL,
    staff_hours DOUBLE PRECISION NOT NULL,
    full_time_equivalents DOUBLE PRECISION NOT NULL,
    peak_scheduled_staff BIGINT NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    data_until_date DATE,
    data_warning TEXT,
    CONSTRAINT pk_staffing_daily PRIMARY KEY (plan_date, version, level, member_id, business_date),
    CONSTRAINT ck_staffing_daily_version CHECK (version >= 1),
    CONSTRAINT ck_staffing_daily_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_staffing_daily_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_staffing_daily_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_staffing_daily_position_hours CHECK (position_hours >= 0 AND position_hours < 'Infinity'),
    CONSTRAINT ck_staffing_daily_staff_hours CHECK (staff_hours >= 0 AND staff_hours < 'Infinity'),
    CONSTRAINT ck_staffing_daily_full_time_equivalents CHECK (full_time_equivalents >= 0 AND full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_staffing_daily_peak_scheduled_staff CHECK (peak_scheduled_staff >= 0),
    CONSTRAINT ck_staffing_daily_cost CHECK (cost >= 0 AND cost < 'Infinity'),
    CONSTRAINT fk_staffing_daily_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_staffing_daily_business_date ON staffing_daily (business_date, plan_date, version);

COMMENT ON TABLE staffing_daily IS 'Staff hours, full-time equivalents and peak per queue, channel, line of business and enterprise. One row: one plan, one member of a level of the enterprise and one day.';

COMMENT ON COLUMN staffing_daily.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN staffing_daily.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN staffing_daily.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN staffing_daily.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN staffing_daily.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN staffing_daily.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN staffing_daily.mean_offered_contacts IS 'Contacts or items expected. Unit: contacts.';

COMMENT ON COLUMN staffing_daily.position_hours IS 'Hours at work needed, before shrinkage. Unit: hours.';

COMMENT ON COLUMN staffing_daily.staff_hours IS 'Hours to schedule, shrinkage included. Unit: hours.';

COMMENT ON COLUMN staffing_daily.full_time_equivalents IS 'Staff hours over the hours of a full-time contract. Unit: full-time equivalents.';

COMMENT ON COLUMN staffing_daily.peak_scheduled_staff IS 'Most people scheduled in any interval. Unit: people.';

COMMENT ON COLUMN staffing_daily.cost IS 'Cost of the hours to schedule. Unit: currency.';

COMMENT ON COLUMN staffing_daily.data_until_date IS 'Last day whose contacts the forecast rests on; of a level above, the earliest of its queues''. Unit: date.';

COMMENT ON COLUMN staffing_daily.data_warning IS 'Why recent days were left out, or a former forecast stands in: people look at this first. Missing when all is well. Unit: text.';

CREATE TABLE staffing_interval (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    channel TEXT NOT NULL,
    staffing_model TEXT NOT NULL,
    open_seconds DOUBLE PRECISION NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    mean_handle_seconds DOUBLE PRECISION NOT NULL,
    mean_patience_seconds DOUBLE PRECISION,
    positions_required_fractional DOUBLE PRECISION NOT NULL,
    positions_required BIGINT NOT NULL,
    positions_erlang_c BIGINT,
    positions_erlang_a BIGINT,
    positions_for_certainty BIGINT,
    scheduled_staff BIGINT NOT NULL,
    service_level_definition TEXT NOT NULL,
    goal_fraction DOUBLE PRECISION NOT NULL,
    goal_seconds DOUBLE PRECISION NOT NULL,
    answered_fraction DOUBLE PRECISION NOT NULL,
    mean_wait_seconds DOUBLE PRECISION,
    abandoned_fraction DOUBLE PRECISION,
    occupancy_fraction DOUBLE PRECISION NOT NULL,
    goal_probability DOUBLE PRECISION NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT pk_staffing_interval PRIMARY KEY (plan_date, version, queue_id, interval_start_utc),
    CONSTRAINT ck_staffing_interval_version CHECK (version >= 1),
    CONSTRAINT ck_staffing_interval_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_staffing_interval_channel CHECK (channel IN ('voice', 'chat', 'email', 'message', 'task', 'cases', 'claims')),
    CONSTRAINT ck_staffing_interval_staffing_model CHECK (staffing_model IN ('erlang_a', 'erlang_c', 'chat_chain', 'deferred')),
    CONSTRAINT ck_staffing_interval_open_seconds CHECK (open_seconds >= 0 AND open_seconds < 'Infinity'),
    CONSTRAINT ck_staffing_interval_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_staffing_interval_mean_handle_seconds CHECK (mean_handle_seconds >= 0 AND mean_handle_seconds < 'Infinity'),
    CONSTRAINT ck_staffing_interval_mean_patience_seconds CHECK (mean_patience_seconds >= 0 AND mean_patience_seconds < 'Infinity'),
    CONSTRAINT ck_staffing_interval_positions_required_fractional CHECK (positions_required_fractional >= 0 AND positions_required_fractional < 'Infinity'),
    CONSTRAINT ck_staffing_interval_positions_required CHECK (positions_required >= 0),
    CONSTRAINT ck_staffing_interval_positions_erlang_c CHECK (positions_erlang_c >= 0),
    CONSTRAINT ck_staffing_interval_positions_erlang_a CHECK (positions_erlang_a >= 0),
    CONSTRAINT ck_staffing_interval_positions_for_certainty CHECK (positions_for_certainty >= 0),
    CONSTRAINT ck_staffing_interval_scheduled_staff CHECK (scheduled_staff >= 0),
    CONSTRAINT ck_staffing_interval_service_level_definition CHECK (service_level_definition IN ('of_offered', 'of_answered', 'excluding_short_abandons', 'wait_within', 'completed_within')),
    CONSTRAINT ck_staffing_interval_goal_fraction CHECK (goal_fraction >= 0 AND goal_fraction <= 1),
    CONSTRAINT ck_staffing_interval_goal_seconds CHECK (goal_seconds >= 0 AND goal_seconds < 'Infinity'),
    CONSTRAINT ck_staffing_interval_answered_fraction CHECK (answered_fraction >= 0 AND answered_fraction <= 1),
    CONSTRAINT ck_staffing_interval_mean_wait_seconds CHECK (mean_wait_seconds >= 0 AND mean_wait_seconds < 'Infinity'),
    CONSTRAINT ck_staffing_interval_abandoned_fraction CHECK (abandoned_fraction >= 0 AND abandoned_fraction <= 1),
    CONSTRAINT ck_staffing_interval_occupancy_fraction CHECK (occupancy_fraction >= 0 AND occupancy_fraction <= 1),
    CONSTRAINT ck_staffing_interval_goal_probability CHECK (goal_probability >= 0 AND goal_probability <= 1),
    CONSTRAINT ck_staffing_interval_cost CHECK (cost >= 0 AND cost < 'Infinity'),
    CONSTRAINT fk_staffing_interval_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

CREATE INDEX ix_staffing_interval_business_date ON staffing_interval (business_date, plan_date, version);

COMMENT ON TABLE staffing_interval IS 'Positions and people per interval, what they are expected to achieve, and how certain that is. One row: one plan, queue and open interval.';

COMMENT ON COLUMN staffing_interval.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN staffing_interval.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN staffing_interval.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN staffing_interval.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN staffing_interval.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN staffing_interval.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN staffing_interval.channel IS 'Channel of the queue. Unit: text.';

COMMENT ON COLUMN staffing_interval.staffing_model IS 'Model the requirement rests on. Unit: text.';

COMMENT ON COLUMN staffing_interval.open_seconds IS 'Part of the interval in which the queue is open. Unit: seconds.';

COMMENT ON COLUMN staffing_interval.mean_offered_contacts IS 'Contacts expected in the interval. Unit: contacts.';

COMMENT ON COLUMN staffing_interval.mean_handle_seconds IS 'Mean handle time (AHT) the requirement rests on. Unit: seconds.';

COMMENT ON COLUMN staffing_interval.mean_patience_seconds IS 'Mean time customers are willing to wait; missing for deferred work. Unit: seconds.';

COMMENT ON COLUMN staffing_interval.positions_required_fractional IS 'People at work needed, before rounding. Unit: positions.';

COMMENT ON COLUMN staffing_interval.positions_required IS 'People at work needed, rounded up once, before shrinkage. Unit: positions.';

COMMENT ON COLUMN staffing_interval.positions_erlang_c IS 'What Erlang C (nobody hangs up) would ask for: upper end of the bracket. Unit: positions.';

COMMENT ON COLUMN staffing_interval.positions_erlang_a IS 'What Erlang A (customers hang up) asks for: lower end of the bracket. Unit: positions.';

COMMENT ON COLUMN staffing_interval.positions_for_certainty IS 'Positions that meet the goal with the settings'' probability. Unit: positions.';

COMMENT ON COLUMN staffing_interval.scheduled_staff IS 'People to schedule, shrinkage included. Unit: people.';

COMMENT ON COLUMN staffing_interval.service_level_definition IS 'What answered_fraction counts. Unit: text.';

COMMENT ON COLUMN staffing_interval.goal_fraction IS 'The goal for answered_fraction. Unit: fraction.';

COMMENT ON COLUMN staffing_interval.goal_seconds IS 'Time within which contacts are to be answered or items completed (business time). Unit: seconds.';

COMMENT ON COLUMN staffing_interval.answered_fraction IS 'Predicted service level with positions_required, by the definition named. Unit: fraction.';

COMMENT ON COLUMN staffing_interval.mean_wait_seconds IS 'Predicted mean wait of all contacts; missing for deferred work. Unit: seconds.';

COMMENT ON COLUMN staffing_interval.abandoned_fraction IS 'Predicted share of contacts that hang up; missing for deferred work. Unit: fraction.';

COMMENT ON COLUMN staffing_interval.occupancy_fraction IS 'Share of their time that the people at work are handling contacts. Unit: fraction.';

COMMENT ON COLUMN staffing_interval.goal_probability IS 'Probability that the goal is met with positions_required, given the forecast''s uncertainty. Unit: fraction.';

COMMENT ON COLUMN staffing_interval.cost IS 'Cost of scheduled_staff for the open part of the interval. Unit: currency.';

COMMENT ON COLUMN staffing_interval.reason IS 'Why this number: the model, the goal and what binds, in words. Unit: text.';

CREATE TABLE staffing_weekly (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    week_start_date DATE NOT NULL,
    planned_days BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    position_hours DOUBLE PRECISION NOT NULL,
    staff_hours DOUBLE PRECISION NOT NULL,
    full_time_equivalents DOUBLE PRECISION NOT NULL,
    peak_scheduled_staff BIGINT NOT NULL,
    cost DOUBLE PRECISION NOT NULL,
    CONSTRAINT pk_staffing_weekly PRIMARY KEY (plan_date, version, level, member_id, week_start_date),
    CONSTRAINT ck_staffing_weekly_version CHECK (version >= 1),
    CONSTRAINT ck_staffing_weekly_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_staffing_weekly_planned_days CHECK (planned_days >= 1),
    CONSTRAINT ck_staffing_weekly_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_staffing_weekly_position_hours CHECK (position_hours >= 0 AND position_hours < 'Infinity'),
    CONSTRAINT ck_staffing_weekly_staff_hours CHECK (staff_hours >= 0 AND staff_hours < 'Infinity'),
    CONSTRAINT ck_staffing_weekly_full_time_equivalents CHECK (full_time_equivalents >= 0 AND full_time_equivalents < 'Infinity'),
    CONSTRAINT ck_staffing_weekly_peak_scheduled_staff CHECK (peak_scheduled_staff >= 0),
    CONSTRAINT ck_staffing_weekly_cost CHECK (cost >= 0 AND cost < 'Infinity'),
    CONSTRAINT fk_staffing_weekly_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
);

COMMENT ON TABLE staffing_weekly IS 'The same per week that begins on Monday; only days inside the plan''s horizon count. One row: one plan, one member of a level of the enterprise and one calendar week.';

COMMENT ON COLUMN staffing_weekly.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN staffing_weekly.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN staffing_weekly.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN staffing_weekly.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN staffing_weekly.week_start_date IS 'Monday of the week. Unit: date.';

COMMENT ON COLUMN staffing_weekly.planned_days IS 'Days of the week that lie in the plan. Unit: days.';

COMMENT ON COLUMN staffing_weekly.mean_offered_contacts IS 'Contacts or items expected. Unit: contacts.';

COMMENT ON COLUMN staffing_weekly.position_hours IS 'Hours at work needed, before shrinkage. Unit: hours.';

COMMENT ON COLUMN staffing_weekly.staff_hours IS 'Hours to schedule, shrinkage included. Unit: hours.';

COMMENT ON COLUMN staffing_weekly.full_time_equivalents IS 'Staff hours over the hours of a full-time contract. Unit: full-time equivalents.';

COMMENT ON COLUMN staffing_weekly.peak_scheduled_staff IS 'Most people scheduled in any interval. Unit: people.';

COMMENT ON COLUMN staffing_weekly.cost IS 'Cost of the hours to schedule. Unit: currency.';

