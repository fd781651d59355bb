CREATE TABLE accuracy_ledger (
    business_date DATE NOT NULL,
    level TEXT NOT NULL,
    member_id TEXT NOT NULL,
    lead_days BIGINT NOT NULL,
    stated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    plan_date DATE NOT NULL,
    offered_contacts BIGINT NOT NULL,
    mean_offered_contacts DOUBLE PRECISION NOT NULL,
    offered_contacts_q05 DOUBLE PRECISION NOT NULL,
    offered_contacts_q10 DOUBLE PRECISION NOT NULL,
    offered_contacts_q25 DOUBLE PRECISION NOT NULL,
    offered_contacts_q50 DOUBLE PRECISION NOT NULL,
    offered_contacts_q75 DOUBLE PRECISION NOT NULL,
    offered_contacts_q90 DOUBLE PRECISION NOT NULL,
    offered_contacts_q95 DOUBLE PRECISION NOT NULL,
    error_contacts DOUBLE PRECISION NOT NULL,
    absolute_error_contacts DOUBLE PRECISION NOT NULL,
    pinball_contacts DOUBLE PRECISION NOT NULL,
    inside_80_band BOOLEAN NOT NULL,
    poisson_floor_contacts DOUBLE PRECISION NOT NULL,
    naive_absolute_error_contacts DOUBLE PRECISION,
    model_offered_contacts DOUBLE PRECISION NOT NULL,
    model_absolute_error_contacts DOUBLE PRECISION NOT NULL,
    model_pinball_contacts DOUBLE PRECISION NOT NULL,
    has_override BOOLEAN NOT NULL,
    actual_handle_seconds DOUBLE PRECISION,
    absolute_error_handle_seconds DOUBLE PRECISION,
    CONSTRAINT pk_accuracy_ledger PRIMARY KEY (business_date, level, member_id, lead_days, stated_at),
    CONSTRAINT ck_accuracy_ledger_level CHECK (level IN ('queue', 'channel', 'line_of_business', 'enterprise')),
    CONSTRAINT ck_accuracy_ledger_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_accuracy_ledger_offered_contacts CHECK (offered_contacts >= 0),
    CONSTRAINT ck_accuracy_ledger_mean_offered_contacts CHECK (mean_offered_contacts >= 0 AND mean_offered_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q05 CHECK (offered_contacts_q05 >= 0 AND offered_contacts_q05 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q10 CHECK (offered_contacts_q10 >= 0 AND offered_contacts_q10 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q25 CHECK (offered_contacts_q25 >= 0 AND offered_contacts_q25 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q50 CHECK (offered_contacts_q50 >= 0 AND offered_contacts_q50 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q75 CHECK (offered_contacts_q75 >= 0 AND offered_contacts_q75 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q90 CHECK (offered_contacts_q90 >= 0 AND offered_contacts_q90 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_offered_contacts_q95 CHECK (offered_contacts_q95 >= 0 AND offered_contacts_q95 < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_error_contacts CHECK (error_contacts > '-Infinity' AND error_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_absolute_error_contacts CHECK (absolute_error_contacts >= 0 AND absolute_error_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_pinball_contacts CHECK (pinball_contacts >= 0 AND pinball_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_poisson_floor_contacts CHECK (poisson_floor_contacts >= 0 AND poisson_floor_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_naive_absolute_error_contacts CHECK (naive_absolute_error_contacts >= 0 AND naive_absolute_error_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_model_offered_contacts CHECK (model_offered_contacts >= 0 AND model_offered_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_model_absolute_error_contacts CHECK (model_absolute_error_contacts >= 0 AND model_absolute_error_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_model_pinball_contacts CHECK (model_pinball_contacts >= 0 AND model_pinball_contacts < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_actual_handle_seconds CHECK (actual_handle_seconds >= 0 AND actual_handle_seconds < 'Infinity'),
    CONSTRAINT ck_accuracy_ledger_absolute_error_handle_seconds CHECK (absolute_error_handle_seconds >= 0 AND absolute_error_handle_seconds < 'Infinity')
);

COMMENT ON TABLE accuracy_ledger IS 'Every forecast of a day that is over against what came, beside what would have been said without models, without planners, and beside chance. Days whose feed is not whole, or that checks hold, are not in here. One row: one day that is over, one member of a level of the enterprise and one lead.';

COMMENT ON COLUMN accuracy_ledger.business_date IS 'The day that was forecast. Unit: date.';

COMMENT ON COLUMN accuracy_ledger.level IS 'Level of the enterprise that the row adds up to. Unit: text.';

COMMENT ON COLUMN accuracy_ledger.member_id IS 'Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text.';

COMMENT ON COLUMN accuracy_ledger.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN accuracy_ledger.stated_at IS 'When this was published; a day that late data change is stated again, and the last statement counts. Unit: instant UTC.';

COMMENT ON COLUMN accuracy_ledger.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts IS 'What came, as known now; of a level above, of the queues that the plan had. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.mean_offered_contacts IS 'Expected contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q05 IS '5 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q10 IS '10 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q25 IS '25 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q50 IS '50 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q75 IS '75 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q90 IS '90 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.offered_contacts_q95 IS '95 % quantile of: contacts or items arriving. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.error_contacts IS 'Forecast less what came: above 0 where too much was expected. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.absolute_error_contacts IS 'Distance of the mean from what came. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.pinball_contacts IS 'Mean pinball loss over the published quantiles. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.inside_80_band IS 'Whether what came lay between the 10 % and the 90 % quantile. Unit: flag.';

COMMENT ON COLUMN accuracy_ledger.poisson_floor_contacts IS 'Mean distance that chance alone leaves around such a mean. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.naive_absolute_error_contacts IS 'Distance of the last known same weekday from what came; missing where none was known. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.model_offered_contacts IS 'What the model alone expected, without planners'' changes. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.model_absolute_error_contacts IS 'Distance of the model''s own mean from what came. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.model_pinball_contacts IS 'Mean pinball loss of the model''s own quantiles. Unit: contacts.';

COMMENT ON COLUMN accuracy_ledger.has_override IS 'Whether planners changed the day in that plan. Unit: flag.';

COMMENT ON COLUMN accuracy_ledger.actual_handle_seconds IS 'Mean handle time of the day; missing where unknown. Unit: seconds.';

COMMENT ON COLUMN accuracy_ledger.absolute_error_handle_seconds IS 'Distance of the forecast handle time from it. Unit: seconds.';
