CREATE TABLE run_summary (
    business_date DATE NOT NULL,
    step TEXT NOT NULL,
    status TEXT NOT NULL,
    task_runs BIGINT NOT NULL,
    task_seconds DOUBLE PRECISION,
    rows_in BIGINT,
    rows_kept BIGINT,
    rows_quarantined BIGINT,
    rows_duplicate BIGINT,
    rows_written BIGINT,
    queues BIGINT,
    yesterday_error_fraction DOUBLE PRECISION,
    version BIGINT,
    flags BIGINT,
    flagged_rules TEXT,
    log_address TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_run_summary PRIMARY KEY (business_date, step),
    CONSTRAINT ck_run_summary_status CHECK (status IN ('success', 'failed', 'skipped', 'upstream_failed', 'removed', 'not_run')),
    CONSTRAINT ck_run_summary_task_runs CHECK (task_runs >= 0),
    CONSTRAINT ck_run_summary_task_seconds CHECK (task_seconds >= 0 AND task_seconds < 'Infinity'),
    CONSTRAINT ck_run_summary_rows_in CHECK (rows_in >= 0),
    CONSTRAINT ck_run_summary_rows_kept CHECK (rows_kept >= 0),
    CONSTRAINT ck_run_summary_rows_quarantined CHECK (rows_quarantined >= 0),
    CONSTRAINT ck_run_summary_rows_duplicate CHECK (rows_duplicate >= 0),
    CONSTRAINT ck_run_summary_rows_written CHECK (rows_written >= 0),
    CONSTRAINT ck_run_summary_queues CHECK (queues >= 0),
    CONSTRAINT ck_run_summary_yesterday_error_fraction CHECK (yesterday_error_fraction >= 0 AND yesterday_error_fraction < 'Infinity'),
    CONSTRAINT ck_run_summary_version CHECK (version >= 1),
    CONSTRAINT ck_run_summary_flags CHECK (flags >= 0)
);

COMMENT ON TABLE run_summary IS 'How each step of a night went: rows, time, outcome, and what it says about the plan. A night that is run again is told anew. In the warehouse only: times differ from run to run, and the lake''s bytes do not. One row: one night and step, as it last ran.';

COMMENT ON COLUMN run_summary.business_date IS 'The night. Unit: date.';

COMMENT ON COLUMN run_summary.step IS 'Step: a task of the night, or extract_ with the name of the source. Unit: text.';

COMMENT ON COLUMN run_summary.status IS 'How it ended. Unit: text.';

COMMENT ON COLUMN run_summary.task_runs IS 'Pieces the scheduler ran for it; 0 where only its outcome is known. Unit: tasks.';

COMMENT ON COLUMN run_summary.task_seconds IS 'Time its pieces took, added up; missing where the scheduler did not say. Unit: seconds.';

COMMENT ON COLUMN run_summary.rows_in IS 'Rows read from the files that the night took in; of sources only. Unit: rows.';

COMMENT ON COLUMN run_summary.rows_kept IS 'Rows of these that were used; of sources only. Unit: rows.';

COMMENT ON COLUMN run_summary.rows_quarantined IS 'Rows of these put aside with a reason; of sources only. Unit: rows.';

COMMENT ON COLUMN run_summary.rows_duplicate IS 'Rows of these known already; of sources only. Unit: rows.';

COMMENT ON COLUMN run_summary.rows_written IS 'Rows that the tables it fills hold of the night; missing where it fills none. Unit: rows.';

COMMENT ON COLUMN run_summary.queues IS 'Queues that were forecast or staffed; of those two steps only. Unit: queues.';

COMMENT ON COLUMN run_summary.yesterday_error_fraction IS 'Distances of the queues'' forecasts from what came, over what came, for the day that just closed and the shortest lead; of the step that measures it, where that day was planned and had contacts. Unit: fraction.';

COMMENT ON COLUMN run_summary.version IS 'Version of the night''s plan in the warehouse; of the publishing step. Unit: version.';

COMMENT ON COLUMN run_summary.flags IS 'Findings of its checks that hold a day or keep the plan back; of checks only. Unit: findings.';

COMMENT ON COLUMN run_summary.flagged_rules IS 'Their rules, separated by commas. Unit: text.';

COMMENT ON COLUMN run_summary.log_address IS 'Where the scheduler shows its log. Unit: text.';

COMMENT ON COLUMN run_summary.recorded_at IS 'When this was written. Unit: instant UTC.';
