CREATE TABLE patience (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    period TEXT NOT NULL,
    offered_contacts BIGINT NOT NULL,
    abandoned_contacts BIGINT NOT NULL,
    wait_seconds DOUBLE PRECISION NOT NULL,
    mean_patience_seconds DOUBLE PRECISION,
    mean_patience_seconds_low DOUBLE PRECISION,
    mean_patience_seconds_high DOUBLE PRECISION,
    queue_weight_contacts DOUBLE PRECISION NOT NULL,
    checked_contacts BIGINT NOT NULL,
    observed_abandoned_fraction DOUBLE PRECISION,
    predicted_abandoned_fraction DOUBLE PRECISION,
    CONSTRAINT pk_patience PRIMARY KEY (plan_date, version, queue_id, period),
    CONSTRAINT ck_patience_version CHECK (version >= 1),
    CONSTRAINT ck_patience_offered_contacts CHECK (offered_contacts >= 0),
    CONSTRAINT ck_patience_abandoned_contacts CHECK (abandoned_contacts >= 0),
    CONSTRAINT ck_patience_wait_seconds CHECK (wait_seconds >= 0 AND wait_seconds < 'Infinity'),
    CONSTRAINT ck_patience_mean_patience_seconds CHECK (mean_patience_seconds >= 0 AND mean_patience_seconds < 'Infinity'),
    CONSTRAINT ck_patience_mean_patience_seconds_low CHECK (mean_patience_seconds_low >= 0 AND mean_patience_seconds_low < 'Infinity'),
    CONSTRAINT ck_patience_mean_patience_seconds_high CHECK (mean_patience_seconds_high >= 0 AND mean_patience_seconds_high < 'Infinity'),
    CONSTRAINT ck_patience_queue_weight_contacts CHECK (queue_weight_contacts >= 0 AND queue_weight_contacts < 'Infinity'),
    CONSTRAINT ck_patience_checked_contacts CHECK (checked_contacts >= 0),
    CONSTRAINT ck_patience_observed_abandoned_fraction CHECK (observed_abandoned_fraction >= 0 AND observed_abandoned_fraction <= 1),
    CONSTRAINT ck_patience_predicted_abandoned_fraction CHECK (predicted_abandoned_fraction >= 0 AND predicted_abandoned_fraction <= 1),
    CONSTRAINT fk_patience_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE patience IS 'How long customers are willing to wait: the estimate that the plan rests on, how sure it is, and whether it holds. One row: one plan, live queue and period (kind of day and part of it, local time), and the queue as a whole: all.';

COMMENT ON COLUMN patience.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN patience.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN patience.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN patience.period IS 'Kind of day and local hours, as ''Monday to Friday 08-12''; ''all'' for the queue. Unit: text.';

COMMENT ON COLUMN patience.offered_contacts IS 'Contacts behind the estimate: those of the last weeks. Unit: contacts.';

COMMENT ON COLUMN patience.abandoned_contacts IS 'Those of them that gave up. Unit: contacts.';

COMMENT ON COLUMN patience.wait_seconds IS 'Waiting time of all of them. Unit: seconds.';

COMMENT ON COLUMN patience.mean_patience_seconds IS 'Mean patience; missing where nobody is known to give up. Unit: seconds.';

COMMENT ON COLUMN patience.mean_patience_seconds_low IS 'Lower end of its 95 % interval. Unit: seconds.';

COMMENT ON COLUMN patience.mean_patience_seconds_high IS 'Upper end of it. Unit: seconds.';

COMMENT ON COLUMN patience.queue_weight_contacts IS 'Abandoned contacts with whose weight it is drawn to the queue''s estimate; for the queue, to the settings'' prior. Unit: contacts.';

COMMENT ON COLUMN patience.checked_contacts IS 'Contacts of the last two weeks: the estimate of the days before is checked on them. Unit: contacts.';

COMMENT ON COLUMN patience.observed_abandoned_fraction IS 'Share of them that gave up. Unit: fraction.';

COMMENT ON COLUMN patience.predicted_abandoned_fraction IS 'Share that the estimate of the days before says of their waiting time. Unit: fraction.';

CREATE TABLE chat_concurrency (
    plan_date DATE NOT NULL,
    version BIGINT NOT NULL,
    queue_id TEXT NOT NULL,
    chats BIGINT NOT NULL,
    concurrency BIGINT,
    concurrency_low BIGINT,
    concurrency_high BIGINT,
    mean_concurrency DOUBLE PRECISION,
    slowdown_per_extra_chat DOUBLE PRECISION,
    slowdown_per_extra_chat_low DOUBLE PRECISION,
    slowdown_per_extra_chat_high DOUBLE PRECISION,
    used_concurrency BIGINT NOT NULL,
    used_slowdown_per_extra_chat DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_chat_concurrency PRIMARY KEY (plan_date, version, queue_id),
    CONSTRAINT ck_chat_concurrency_version CHECK (version >= 1),
    CONSTRAINT ck_chat_concurrency_chats CHECK (chats >= 0),
    CONSTRAINT ck_chat_concurrency_concurrency CHECK (concurrency >= 0),
    CONSTRAINT ck_chat_concurrency_concurrency_low CHECK (concurrency_low >= 0),
    CONSTRAINT ck_chat_concurrency_concurrency_high CHECK (concurrency_high >= 0),
    CONSTRAINT ck_chat_concurrency_mean_concurrency CHECK (mean_concurrency >= 0 AND mean_concurrency < 'Infinity'),
    CONSTRAINT ck_chat_concurrency_slowdown_per_extra_chat CHECK (slowdown_per_extra_chat >= 0 AND slowdown_per_extra_chat < 'Infinity'),
    CONSTRAINT ck_chat_concurrency_slowdown_per_extra_chat_low CHECK (slowdown_per_extra_chat_low >= 0 AND slowdown_per_extra_chat_low < 'Infinity'),
    CONSTRAINT ck_chat_concurrency_slowdown_per_extra_chat_high CHECK (slowdown_per_extra_chat_high >= 0 AND slowdown_per_extra_chat_high < 'Infinity'),
    CONSTRAINT ck_chat_concurrency_used_concurrency CHECK (used_concurrency >= 1),
    CONSTRAINT ck_chat_concurrency_used_slowdown_per_extra_chat CHECK (used_slowdown_per_extra_chat >= 0 AND used_slowdown_per_extra_chat < 'Infinity'),
    CONSTRAINT fk_chat_concurrency_plan_version FOREIGN KEY(plan_date, version) REFERENCES plan_version (plan_date, version)
)
 PARTITION BY RANGE (plan_date);

COMMENT ON TABLE chat_concurrency IS 'How many chats people hold at once and how much that slows them down: by history, and as the plan takes it. One row: one plan and chat queue.';

COMMENT ON COLUMN chat_concurrency.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN chat_concurrency.version IS 'Version of that night''s plan, from 1. Unit: version.';

COMMENT ON COLUMN chat_concurrency.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN chat_concurrency.chats IS 'Answered chats with a known agent, begin and end, of the last weeks. Unit: contacts.';

COMMENT ON COLUMN chat_concurrency.concurrency IS 'Most chats that people hold at once, by history. Unit: contacts.';

COMMENT ON COLUMN chat_concurrency.concurrency_low IS 'A number that is held often: a twentieth of the time in chats. Unit: contacts.';

COMMENT ON COLUMN chat_concurrency.concurrency_high IS 'The largest number that was ever held. Unit: contacts.';

COMMENT ON COLUMN chat_concurrency.mean_concurrency IS 'Mean number held by somebody who is in a chat. Unit: contacts.';

COMMENT ON COLUMN chat_concurrency.slowdown_per_extra_chat IS 'How much longer each chat takes per further one, by history. Unit: fraction.';

COMMENT ON COLUMN chat_concurrency.slowdown_per_extra_chat_low IS 'Lower end of its 95 % interval. Unit: fraction.';

COMMENT ON COLUMN chat_concurrency.slowdown_per_extra_chat_high IS 'Upper end of it. Unit: fraction.';

COMMENT ON COLUMN chat_concurrency.used_concurrency IS 'What the plan uses. Unit: contacts.';

COMMENT ON COLUMN chat_concurrency.used_slowdown_per_extra_chat IS 'What the plan uses. Unit: fraction.';

COMMENT ON COLUMN chat_concurrency.source IS 'Where what is used comes from, in words. Unit: text.';
