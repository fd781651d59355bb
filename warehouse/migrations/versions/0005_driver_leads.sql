ALTER TABLE forecast_daily
    ADD COLUMN driver_lead_contacts DOUBLE PRECISION,
    ADD CONSTRAINT ck_forecast_daily_driver_lead_contacts CHECK (driver_lead_contacts > '-Infinity' AND driver_lead_contacts < 'Infinity');

COMMENT ON COLUMN forecast_daily.driver_lead_contacts IS 'What other declared drivers (mailings, web visits) add, known or expected; missing in plans older than this column. Unit: contacts.';

CREATE TABLE driver_lead (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    driver TEXT NOT NULL,
    lag_days BIGINT NOT NULL,
    contacts_per_unit DOUBLE PRECISION NOT NULL,
    contacts_per_unit_low DOUBLE PRECISION NOT NULL,
    contacts_per_unit_high DOUBLE PRECISION NOT NULL,
    peak_lag_days BIGINT NOT NULL,
    explained_fraction DOUBLE PRECISION NOT NULL,
    uplift_fraction DOUBLE PRECISION,
    shift_test_p_value DOUBLE PRECISION,
    contacts_to_come DOUBLE PRECISION NOT NULL,
    used BOOLEAN NOT NULL,
    verdict TEXT NOT NULL,
    CONSTRAINT pk_driver_lead PRIMARY KEY (plan_date, version, queue_id, driver, lag_days),
    CONSTRAINT ck_driver_lead_version CHECK (version >= 1),
    CONSTRAINT ck_driver_lead_lag_days CHECK (lag_days >= 0),
    CONSTRAINT ck_driver_lead_contacts_per_unit CHECK (contacts_per_unit >= 0 AND contacts_per_unit < 'Infinity'),
    CONSTRAINT ck_driver_lead_contacts_per_unit_low CHECK (contacts_per_unit_low >= 0 AND contacts_per_unit_low < 'Infinity'),
    CONSTRAINT ck_driver_lead_contacts_per_unit_high CHECK (contacts_per_unit_high >= 0 AND contacts_per_unit_high < 'Infinity'),
    CONSTRAINT ck_driver_lead_peak_lag_days CHECK (peak_lag_days >= 0),
    CONSTRAINT ck_driver_lead_explained_fraction CHECK (explained_fraction >= 0 AND explained_fraction <= 1),
    CONSTRAINT ck_driver_lead_uplift_fraction CHECK (uplift_fraction > '-Infinity' AND uplift_fraction <= 1),
    CONSTRAINT ck_driver_lead_shift_test_p_value CHECK (shift_test_p_value >= 0 AND shift_test_p_value <= 1),
    CONSTRAINT ck_driver_lead_contacts_to_come CHECK (contacts_to_come >= 0 AND contacts_to_come < 'Infinity'),
    CONSTRAINT fk_driver_lead_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE driver_lead IS 'How drivers of the settings (mailings, web visits, weather) announce contacts, with the verdict whether the plan used it and up to how many days ahead. One row: one plan, queue, declared driver and lag day.';

COMMENT ON COLUMN driver_lead.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN driver_lead.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN driver_lead.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN driver_lead.driver IS 'Driver, as named in the settings. Unit: text.';

COMMENT ON COLUMN driver_lead.lag_days IS 'Days from the driver''s value to the contact; 0 is the same day. Unit: days.';

COMMENT ON COLUMN driver_lead.contacts_per_unit IS 'Contacts that one unit brings on that day. Unit: contacts per unit of the driver.';

COMMENT ON COLUMN driver_lead.contacts_per_unit_low IS 'Lower end of the 90 % interval. Unit: contacts per unit of the driver.';

COMMENT ON COLUMN driver_lead.contacts_per_unit_high IS 'Upper end of the 90 % interval. Unit: contacts per unit of the driver.';

COMMENT ON COLUMN driver_lead.peak_lag_days IS 'Lag at which a unit brings most contacts. Unit: days.';

COMMENT ON COLUMN driver_lead.explained_fraction IS 'Share of the queue''s contacts that the driver explains. Unit: fraction.';

COMMENT ON COLUMN driver_lead.uplift_fraction IS 'How much lower the out-of-sample error is with drivers than without. Unit: fraction.';

COMMENT ON COLUMN driver_lead.shift_test_p_value IS 'Share of circularly shifted series that explain as much by chance. Unit: fraction.';

COMMENT ON COLUMN driver_lead.contacts_to_come IS 'Contacts still to come from values known already. Unit: contacts.';

COMMENT ON COLUMN driver_lead.used IS 'Whether the plan used the lead. Unit: flag.';

COMMENT ON COLUMN driver_lead.verdict IS 'The verdict and its reason, in words, and the leads that it serves. Unit: text.';
