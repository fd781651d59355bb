CREATE TABLE simulation_audit (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    scope TEXT NOT NULL,
    handle_times TEXT NOT NULL,
    business_date DATE NOT NULL,
    channel TEXT NOT NULL,
    positions BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    predicted_answered_fraction DOUBLE PRECISION NOT NULL,
    simulated_answered_fraction DOUBLE PRECISION NOT NULL,
    simulated_answered_fraction_low DOUBLE PRECISION NOT NULL,
    simulated_answered_fraction_high DOUBLE PRECISION NOT NULL,
    predicted_abandoned_fraction DOUBLE PRECISION,
    simulated_abandoned_fraction DOUBLE PRECISION NOT NULL,
    predicted_mean_wait_seconds DOUBLE PRECISION,
    simulated_mean_wait_seconds DOUBLE PRECISION NOT NULL,
    simulated_contacts BIGINT NOT NULL,
    within_one_point BOOLEAN NOT NULL,
    assumptions TEXT NOT NULL,
    CONSTRAINT pk_simulation_audit PRIMARY KEY (plan_date, version, queue_id, interval_start_utc, scope, handle_times),
    CONSTRAINT ck_simulation_audit_version CHECK (version >= 1),
    CONSTRAINT ck_simulation_audit_scope CHECK (scope IN ('interval', 'day')),
    CONSTRAINT ck_simulation_audit_handle_times CHECK (handle_times IN ('exponential', 'observed')),
    CONSTRAINT ck_simulation_audit_channel CHECK (channel IN ('voice', 'chat', 'email', 'message', 'task', 'cases', 'claims')),
    CONSTRAINT ck_simulation_audit_positions CHECK (positions >= 0),
    CONSTRAINT ck_simulation_audit_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_simulation_audit_predicted_answered_fraction CHECK (predicted_answered_fraction >= 0 AND predicted_answered_fraction <= 1),
    CONSTRAINT ck_simulation_audit_simulated_answered_fraction CHECK (simulated_answered_fraction >= 0 AND simulated_answered_fraction <= 1),
    CONSTRAINT ck_simulation_audit_simulated_answered_fraction_low CHECK (simulated_answered_fraction_low >= 0 AND simulated_answered_fraction_low <= 1),
    CONSTRAINT ck_simulation_audit_simulated_answered_fraction_high CHECK (simulated_answered_fraction_high >= 0 AND simulated_answered_fraction_high <= 1),
    CONSTRAINT ck_simulation_audit_predicted_abandoned_fraction CHECK (predicted_abandoned_fraction >= 0 AND predicted_abandoned_fraction <= 1),
    CONSTRAINT ck_simulation_audit_simulated_abandoned_fraction CHECK (simulated_abandoned_fraction >= 0 AND simulated_abandoned_fraction <= 1),
    CONSTRAINT ck_simulation_audit_predicted_mean_wait_seconds CHECK (predicted_mean_wait_seconds >= 0 AND predicted_mean_wait_seconds < 'Infinity'),
    CONSTRAINT ck_simulation_audit_simulated_mean_wait_seconds CHECK (simulated_mean_wait_seconds >= 0 AND simulated_mean_wait_seconds < 'Infinity'),
    CONSTRAINT ck_simulation_audit_simulated_contacts CHECK (simulated_contacts >= 0),
    CONSTRAINT fk_simulation_audit_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

CREATE INDEX ix_simulation_audit_business_date ON simulation_audit (business_date, plan_date, version);

COMMENT ON TABLE simulation_audit IS 'What the plan predicts for some of its intervals beside what an event simulation of the same positions does. One row: one plan, queue, interval, way of simulating it and kind of handle times.';

COMMENT ON COLUMN simulation_audit.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN simulation_audit.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN simulation_audit.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN simulation_audit.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN simulation_audit.scope IS 'Interval: in a steady state, as the formulas see it. Day: in a whole day, where intervals hand waiting contacts on. Unit: text.';

COMMENT ON COLUMN simulation_audit.handle_times IS 'Exponential: the model''s own assumption. Observed: the distribution that history shows. Unit: text.';

COMMENT ON COLUMN simulation_audit.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN simulation_audit.channel IS 'Channel of the queue. Unit: text.';

COMMENT ON COLUMN simulation_audit.positions IS 'People at work, as the plan requires them. Unit: positions.';

COMMENT ON COLUMN simulation_audit.mean_offered_contacts IS 'Contacts expected in the interval. Unit: contacts.';

COMMENT ON COLUMN simulation_audit.predicted_answered_fraction IS 'Service level that the plan predicts, by the queue''s definition. Unit: fraction.';

COMMENT ON COLUMN simulation_audit.simulated_answered_fraction IS 'Service level in the simulation. Unit: fraction.';

COMMENT ON COLUMN simulation_audit.simulated_answered_fraction_low IS 'Lower end of the 95 % confidence interval of the simulation. Unit: fraction.';

COMMENT ON COLUMN simulation_audit.simulated_answered_fraction_high IS 'Upper end of it. Unit: fraction.';

COMMENT ON COLUMN simulation_audit.predicted_abandoned_fraction IS 'Share that hangs up, as the plan predicts it. Unit: fraction.';

COMMENT ON COLUMN simulation_audit.simulated_abandoned_fraction IS 'Share that hangs up in the simulation. Unit: fraction.';

COMMENT ON COLUMN simulation_audit.predicted_mean_wait_seconds IS 'Mean wait of all contacts, as the plan predicts it. Unit: seconds.';

COMMENT ON COLUMN simulation_audit.simulated_mean_wait_seconds IS 'Mean wait of all contacts in the simulation. Unit: seconds.';

COMMENT ON COLUMN simulation_audit.simulated_contacts IS 'Contacts that were simulated for the interval. Unit: contacts.';

COMMENT ON COLUMN simulation_audit.within_one_point IS 'Whether prediction and simulation differ by at most one percentage point. Unit: flag.';

COMMENT ON COLUMN simulation_audit.assumptions IS 'What was simulated, in words. Unit: text.';
