CREATE TABLE calendar_date (
    business_date DATE NOT NULL,
    is_holiday BOOLEAN NOT NULL,
    holiday_name TEXT,
    is_business_day BOOLEAN NOT NULL,
    business_day_of_month BIGINT NOT NULL,
    business_days_to_month_end BIGINT NOT NULL,
    open_queues BIGINT NOT NULL,
    is_school_holiday BOOLEAN NOT NULL,
    event_names TEXT,
    CONSTRAINT pk_calendar_date PRIMARY KEY (business_date),
    CONSTRAINT ck_calendar_date_business_day_of_month CHECK (business_day_of_month >= 0),
    CONSTRAINT ck_calendar_date_business_days_to_month_end CHECK (business_days_to_month_end >= 0),
    CONSTRAINT ck_calendar_date_open_queues CHECK (open_queues >= 0)
);

COMMENT ON TABLE calendar_date IS 'What each day is to the enterprise, as the settings had it when a plan was last published: holidays, business days. One row: one local day of the enterprise.';

COMMENT ON COLUMN calendar_date.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN calendar_date.is_holiday IS 'Whether it is a public holiday of the settings'' country, worked or not. Unit: flag.';

COMMENT ON COLUMN calendar_date.holiday_name IS 'Name of the holiday; missing on other days. Unit: text.';

COMMENT ON COLUMN calendar_date.is_business_day IS 'Whether at least half of the queues are open and it is no holiday. Unit: flag.';

COMMENT ON COLUMN calendar_date.business_day_of_month IS 'Business days of the month up to and with this day; 0 before the first. Unit: days.';

COMMENT ON COLUMN calendar_date.business_days_to_month_end IS 'Business days of the month after this day. Unit: days.';

COMMENT ON COLUMN calendar_date.open_queues IS 'Queues that are open at some time of the day. Unit: queues.';

COMMENT ON COLUMN calendar_date.is_school_holiday IS 'Whether the day lies in school holidays of the settings. Unit: flag.';

COMMENT ON COLUMN calendar_date.event_names IS 'Known events of the settings on the day, separated by commas; missing without any. Unit: text.';

CREATE TABLE calendar_interval (
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    interval_end_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    local_time TEXT NOT NULL,
    local_hour BIGINT NOT NULL,
    utc_offset_hours DOUBLE PRECISION NOT NULL,
    interval_of_day BIGINT NOT NULL,
    CONSTRAINT pk_calendar_interval PRIMARY KEY (interval_start_utc),
    CONSTRAINT ck_calendar_interval_local_hour CHECK (local_hour >= 0),
    CONSTRAINT ck_calendar_interval_utc_offset_hours CHECK (utc_offset_hours > '-Infinity' AND utc_offset_hours < 'Infinity'),
    CONSTRAINT ck_calendar_interval_interval_of_day CHECK (interval_of_day >= 1)
);

CREATE INDEX ix_calendar_interval_business_date ON calendar_interval (business_date);

COMMENT ON TABLE calendar_interval IS 'The intervals of every local day on the wall clock; a day of clock change has fewer or more of them. One row: one interval of the enterprise''s grid.';

COMMENT ON COLUMN calendar_interval.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN calendar_interval.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN calendar_interval.interval_end_utc IS 'End of the interval, which does not belong to it. Unit: instant UTC.';

COMMENT ON COLUMN calendar_interval.local_time IS 'Start on the wall clock, hours and minutes; the hour that a clock change doubles shows twice. Unit: text.';

COMMENT ON COLUMN calendar_interval.local_hour IS 'Hour of the start on the wall clock, 0 to 23. Unit: hour.';

COMMENT ON COLUMN calendar_interval.utc_offset_hours IS 'Wall clock less UTC: tells the two hours apart that the clock change doubles. Unit: hours.';

COMMENT ON COLUMN calendar_interval.interval_of_day IS 'Number of the interval of its day, from 1, by elapsed time. Unit: interval.';

CREATE TABLE daily_history (
    queue_id TEXT NOT NULL,
    business_date DATE NOT NULL,
    channel TEXT NOT NULL,
    offered_contacts BIGINT NOT NULL,
    answered_contacts BIGINT,
    abandoned_contacts BIGINT,
    answered_within_contacts BIGINT,
    completed_items BIGINT,
    handle_seconds DOUBLE PRECISION,
    worked_handle_seconds DOUBLE PRECISION,
    wait_seconds DOUBLE PRECISION,
    staffed_seconds DOUBLE PRECISION,
    open_seconds DOUBLE PRECISION NOT NULL,
    backlog_items BIGINT,
    backlog_oldest_age_seconds DOUBLE PRECISION,
    source_complete BOOLEAN NOT NULL,
    CONSTRAINT pk_daily_history PRIMARY KEY (queue_id, business_date),
    CONSTRAINT ck_daily_history_channel CHECK (channel IN ('voice', 'chat', 'email', 'message', 'task', 'cases', 'claims')),
    CONSTRAINT ck_daily_history_offered_contacts CHECK (offered_contacts >= 0),
    CONSTRAINT ck_daily_history_answered_contacts CHECK (answered_contacts >= 0),
    CONSTRAINT ck_daily_history_abandoned_contacts CHECK (abandoned_contacts >= 0),
    CONSTRAINT ck_daily_history_answered_within_contacts CHECK (answered_within_contacts >= 0),
    CONSTRAINT ck_daily_history_completed_items CHECK (completed_items >= 0),
    CONSTRAINT ck_daily_history_handle_seconds CHECK (handle_seconds >= 0 AND handle_seconds < 'Infinity'),
    CONSTRAINT ck_daily_history_worked_handle_seconds CHECK (worked_handle_seconds >= 0 AND worked_handle_seconds < 'Infinity'),
    CONSTRAINT ck_daily_history_wait_seconds CHECK (wait_seconds >= 0 AND wait_seconds < 'Infinity'),
    CONSTRAINT ck_daily_history_staffed_seconds CHECK (staffed_seconds >= 0 AND staffed_seconds < 'Infinity'),
    CONSTRAINT ck_daily_history_open_seconds CHECK (open_seconds >= 0 AND open_seconds < 'Infinity'),
    CONSTRAINT ck_daily_history_backlog_items CHECK (backlog_items >= 0),
    CONSTRAINT ck_daily_history_backlog_oldest_age_seconds CHECK (backlog_oldest_age_seconds >= 0 AND backlog_oldest_age_seconds < 'Infinity')
);

CREATE INDEX ix_daily_history_business_date ON daily_history (business_date);

COMMENT ON TABLE daily_history IS 'What happened per day. A closed day has open_seconds 0; a day with a missing feed has source_complete false. One row: one queue and one local day.';

COMMENT ON COLUMN daily_history.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN daily_history.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN daily_history.channel IS 'Channel of the queue. Unit: text.';

COMMENT ON COLUMN daily_history.offered_contacts IS 'Contacts or items that arrived, by the queue''s demand definition; a case that is opened again arrives again. Unit: contacts.';

COMMENT ON COLUMN daily_history.answered_contacts IS 'Contacts answered; missing for deferred work or where the source is silent. Unit: contacts.';

COMMENT ON COLUMN daily_history.abandoned_contacts IS 'Contacts whose customer gave up waiting; missing where unknown. Unit: contacts.';

COMMENT ON COLUMN daily_history.answered_within_contacts IS 'Contacts answered within the queue''s goal threshold. Unit: contacts.';

COMMENT ON COLUMN daily_history.completed_items IS 'Deferred items finished in the period, whenever they arrived; missing for live channels. Unit: items.';

COMMENT ON COLUMN daily_history.handle_seconds IS 'Handle time of the contacts that arrived in the period, whenever they were handled (divide by answered_contacts for the mean); of mail, of the replies sent in it. Missing where unknown. Unit: seconds.';

COMMENT ON COLUMN daily_history.worked_handle_seconds IS 'Handle time that was worked in the period, of contacts that arrived in it or before, demand or not: each contact''s is spread over the time from its answer on. Mail systems say when a reply was sent, not when it was begun: its work is booked where it ended. Missing where unknown. Unit: seconds.';

COMMENT ON COLUMN daily_history.wait_seconds IS 'Waiting time of all offered contacts, abandoned ones included (gives patience). Unit: seconds.';

COMMENT ON COLUMN daily_history.staffed_seconds IS 'Time that agents were there to answer; missing where unknown. Unit: seconds.';

COMMENT ON COLUMN daily_history.open_seconds IS 'Time the queue was open that day. Unit: seconds.';

COMMENT ON COLUMN daily_history.backlog_items IS 'Deferred items waiting at the end of the day; missing for live channels. Unit: items.';

COMMENT ON COLUMN daily_history.backlog_oldest_age_seconds IS 'Age of the oldest waiting item on the ordinary clock. Unit: seconds.';

COMMENT ON COLUMN daily_history.source_complete IS 'Whether the day''s feed arrived whole: if not, the day is not a quiet day. Unit: flag.';

CREATE TABLE history_days (
    table_name TEXT NOT NULL,
    business_date DATE NOT NULL,
    content_hash TEXT NOT NULL,
    restated BIGINT NOT NULL,
    known_by_date DATE NOT NULL,
    published_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_history_days PRIMARY KEY (table_name, business_date),
    CONSTRAINT ck_history_days_table_name CHECK (table_name IN ('daily_history', 'interval_history')),
    CONSTRAINT ck_history_days_restated CHECK (restated >= 0)
);

CREATE INDEX ix_history_days_business_date ON history_days (business_date);

COMMENT ON TABLE history_days IS 'Days of history that the warehouse holds, and when late data last re-stated them. One row: one table of history and one local day.';

COMMENT ON COLUMN history_days.table_name IS 'Table of history. Unit: text.';

COMMENT ON COLUMN history_days.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN history_days.content_hash IS 'Hash of the day''s rows: other rows, another hash. Unit: text.';

COMMENT ON COLUMN history_days.restated IS 'Times that other rows came for the day after the first. Unit: times.';

COMMENT ON COLUMN history_days.known_by_date IS 'Night that published the rows as they are now. Unit: date.';

COMMENT ON COLUMN history_days.published_at IS 'When that was. Unit: instant UTC.';

CREATE TABLE interval_history (
    queue_id TEXT NOT NULL,
    interval_start_utc TIMESTAMP WITH TIME ZONE NOT NULL,
    business_date DATE NOT NULL,
    offered_contacts BIGINT NOT NULL,
    answered_contacts BIGINT,
    abandoned_contacts BIGINT,
    answered_within_contacts BIGINT,
    completed_items BIGINT,
    handle_seconds DOUBLE PRECISION,
    worked_handle_seconds DOUBLE PRECISION,
    wait_seconds DOUBLE PRECISION,
    staffed_seconds DOUBLE PRECISION,
    CONSTRAINT pk_interval_history PRIMARY KEY (queue_id, interval_start_utc),
    CONSTRAINT ck_interval_history_offered_contacts CHECK (offered_contacts >= 0),
    CONSTRAINT ck_interval_history_answered_contacts CHECK (answered_contacts >= 0),
    CONSTRAINT ck_interval_history_abandoned_contacts CHECK (abandoned_contacts >= 0),
    CONSTRAINT ck_interval_history_answered_within_contacts CHECK (answered_within_contacts >= 0),
    CONSTRAINT ck_interval_history_completed_items CHECK (completed_items >= 0),
    CONSTRAINT ck_interval_history_handle_seconds CHECK (handle_seconds >= 0 AND handle_seconds < 'Infinity'),
    CONSTRAINT ck_interval_history_worked_handle_seconds CHECK (worked_handle_seconds >= 0 AND worked_handle_seconds < 'Infinity'),
    CONSTRAINT ck_interval_history_wait_seconds CHECK (wait_seconds >= 0 AND wait_seconds < 'Infinity'),
    CONSTRAINT ck_interval_history_staffed_seconds CHECK (staffed_seconds >= 0 AND staffed_seconds < 'Infinity')
);

CREATE INDEX ix_interval_history_business_date ON interval_history (business_date);

COMMENT ON TABLE interval_history IS 'What happened per interval. Intervals without any contact have no row unless the queue was open. One row: one queue and one interval of the enterprise''s grid.';

COMMENT ON COLUMN interval_history.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN interval_history.interval_start_utc IS 'Start of the interval of the enterprise''s grid, UTC. Unit: instant UTC.';

COMMENT ON COLUMN interval_history.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN interval_history.offered_contacts IS 'Contacts or items that arrived, by the queue''s demand definition; a case that is opened again arrives again. Unit: contacts.';

COMMENT ON COLUMN interval_history.answered_contacts IS 'Contacts answered; missing for deferred work or where the source is silent. Unit: contacts.';

COMMENT ON COLUMN interval_history.abandoned_contacts IS 'Contacts whose customer gave up waiting; missing where unknown. Unit: contacts.';

COMMENT ON COLUMN interval_history.answered_within_contacts IS 'Contacts answered within the queue''s goal threshold. Unit: contacts.';

COMMENT ON COLUMN interval_history.completed_items IS 'Deferred items finished in the period, whenever they arrived; missing for live channels. Unit: items.';

COMMENT ON COLUMN interval_history.handle_seconds IS 'Handle time of the contacts that arrived in the period, whenever they were handled (divide by answered_contacts for the mean); of mail, of the replies sent in it. Missing where unknown. Unit: seconds.';

COMMENT ON COLUMN interval_history.worked_handle_seconds IS 'Handle time that was worked in the period, of contacts that arrived in it or before, demand or not: each contact''s is spread over the time from its answer on. Mail systems say when a reply was sent, not when it was begun: its work is booked where it ended. Missing where unknown. Unit: seconds.';

COMMENT ON COLUMN interval_history.wait_seconds IS 'Waiting time of all offered contacts, abandoned ones included (gives patience). Unit: seconds.';

COMMENT ON COLUMN interval_history.staffed_seconds IS 'Time that agents were there to answer; missing where unknown. Unit: seconds.';
