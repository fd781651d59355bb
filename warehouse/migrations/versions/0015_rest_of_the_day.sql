CREATE TABLE forecast_today (
    business_date DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    plan_date DATE NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    offered_contacts_q05 DOUBLE PRECISION NOT NULL,
    offered_contacts_q10 DOUBLE PRECISION NOT NULL,
    offered_contacts_q25 DOUBLE PRECISION NOT NULL,
    offered_contacts_q50 DOUBLE PRECISION NOT NULL,
    offered_contacts_q75 DOUBLE PRECISION NOT NULL,
    offered_contacts_q90 DOUBLE PRECISION NOT NULL,
    offered_contacts_q95 DOUBLE PRECISION NOT NULL,
    night_mean_offered_contacts DOUBLE PRECISION NOT NULL,
    factor DOUBLE PRECISION NOT NULL,
    earlier_days BIGINT NOT NULL,
    CONSTRAINT pk_forecast_today PRIMARY KEY (business_date, made_at, queue_id, interval_start_utc),
    CONSTRAINT ck_forecast_today_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q05 CHECK (offered_contacts_q05 >= 0 AND offered_contacts_q05 < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q10 CHECK (offered_contacts_q10 >= 0 AND offered_contacts_q10 < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q25 CHECK (offered_contacts_q25 >= 0 AND offered_contacts_q25 < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q50 CHECK (offered_contacts_q50 >= 0 AND offered_contacts_q50 < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q75 CHECK (offered_contacts_q75 >= 0 AND offered_contacts_q75 < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q90 CHECK (offered_contacts_q90 >= 0 AND offered_contacts_q90 < 'Infinity'),
    CONSTRAINT ck_forecast_today_offered_contacts_q95 CHECK (offered_contacts_q95 >= 0 AND offered_contacts_q95 < 'Infinity'),
    CONSTRAINT ck_forecast_today_night_mean_offered_contacts CHECK (night_mean_offered_contacts >= 0 AND night_mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_forecast_today_factor CHECK (factor >= 0 AND factor < 'Infinity'),
    CONSTRAINT ck_forecast_today_earlier_days CHECK (earlier_days >= 0)
);

COMMENT ON TABLE forecast_today IS 'The rest of a day forecast anew from what came so far, last night''s plan and how earlier days went on. One row: one moment of a day, one queue and one interval after it.';

COMMENT ON COLUMN forecast_today.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN forecast_today.made_at IS 'Moment up to which the day was known: the end of an interval. Unit: instant UTC.';

COMMENT ON COLUMN forecast_today.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN forecast_today.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN forecast_today.plan_date IS 'Night of the plan it starts from: the one right before the day. Unit: date.';

COMMENT ON COLUMN forecast_today.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q05 IS '5 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q10 IS '10 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q25 IS '25 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q50 IS '50 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q75 IS '75 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q90 IS '90 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.offered_contacts_q95 IS '95 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN forecast_today.night_mean_offered_contacts IS 'What the night''s plan expects. Unit: contacts.';

COMMENT ON COLUMN forecast_today.factor IS 'The rest of the day over the night''s forecast of it. Unit: fraction.';

COMMENT ON COLUMN forecast_today.earlier_days IS 'Earlier days it was learnt from. Unit: days.';

CREATE TABLE staffing_today (
    business_date DATE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    plan_date DATE NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    positions_required BIGINT NOT NULL,
    scheduled_staff BIGINT NOT NULL,
    night_positions_required BIGINT NOT NULL,
    night_scheduled_staff BIGINT NOT NULL,
    answered_fraction DOUBLE PRECISION,
    CONSTRAINT pk_staffing_today PRIMARY KEY (business_date, made_at, queue_id, interval_start_utc),
    CONSTRAINT ck_staffing_today_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_staffing_today_positions_required CHECK (positions_required >= 0),
    CONSTRAINT ck_staffing_today_scheduled_staff CHECK (scheduled_staff >= 0),
    CONSTRAINT ck_staffing_today_night_positions_required CHECK (night_positions_required >= 0),
    CONSTRAINT ck_staffing_today_night_scheduled_staff CHECK (night_scheduled_staff >= 0),
    CONSTRAINT ck_staffing_today_answered_fraction CHECK (answered_fraction >= 0 AND answered_fraction <= 1)
);

COMMENT ON TABLE staffing_today IS 'Positions and people for the rest of a day, by the forecast made at that moment, beside those of the night''s plan. One row: one moment of a day, one live queue and one open interval after it.';

COMMENT ON COLUMN staffing_today.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN staffing_today.made_at IS 'Moment up to which the day was known: the end of an interval. Unit: instant UTC.';

COMMENT ON COLUMN staffing_today.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN staffing_today.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN staffing_today.plan_date IS 'Night of the plan it starts from: the one right before the day. Unit: date.';

COMMENT ON COLUMN staffing_today.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN staffing_today.positions_required IS 'People answering at once that meet the goal, before shrinkage. Unit: positions.';

COMMENT ON COLUMN staffing_today.scheduled_staff IS 'People to schedule for them, after shrinkage. Unit: people.';

COMMENT ON COLUMN staffing_today.night_positions_required IS 'What the night''s plan asks for. Unit: positions.';

COMMENT ON COLUMN staffing_today.night_scheduled_staff IS 'People of the night''s plan. Unit: people.';

COMMENT ON COLUMN staffing_today.answered_fraction IS 'Expected service level with these positions, by the queue''s definition. Unit: fraction.';
