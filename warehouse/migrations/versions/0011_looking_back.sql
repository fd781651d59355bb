CREATE TABLE adherence_daily (
    business_date DATE NOT NULL,
    agent_id TEXT NOT NULL,
    stated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    scheduled_seconds DOUBLE PRECISION NOT NULL,
    worked_seconds DOUBLE PRECISION NOT NULL,
    in_adherence_seconds DOUBLE PRECISION NOT NULL,
    adherence_fraction DOUBLE PRECISION,
    conformance_fraction DOUBLE PRECISION,
    CONSTRAINT pk_adherence_daily PRIMARY KEY (business_date, agent_id, stated_at),
    CONSTRAINT ck_adherence_daily_scheduled_seconds CHECK (scheduled_seconds >= 0 AND scheduled_seconds < 'Infinity'),
    CONSTRAINT ck_adherence_daily_worked_seconds CHECK (worked_seconds >= 0 AND worked_seconds < 'Infinity'),
    CONSTRAINT ck_adherence_daily_in_adherence_seconds CHECK (in_adherence_seconds >= 0 AND in_adherence_seconds < 'Infinity'),
    CONSTRAINT ck_adherence_daily_adherence_fraction CHECK (adherence_fraction >= 0 AND adherence_fraction <= 1),
    CONSTRAINT ck_adherence_daily_conformance_fraction CHECK (conformance_fraction >= 0 AND conformance_fraction < 'Infinity')
);

COMMENT ON TABLE adherence_daily IS 'Scheduled against worked time, front and back office alike: work is time planned or spent on a queue. One row: one agent and day.';

COMMENT ON COLUMN adherence_daily.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN adherence_daily.agent_id IS 'Agent, as the source names it. Unit: text.';

COMMENT ON COLUMN adherence_daily.stated_at IS 'When this was published; a day that late data change is stated again, and the last statement counts. Unit: instant UTC.';

COMMENT ON COLUMN adherence_daily.scheduled_seconds IS 'Time planned on queues. Unit: seconds.';

COMMENT ON COLUMN adherence_daily.worked_seconds IS 'Time spent on queues, pauses left out. Unit: seconds.';

COMMENT ON COLUMN adherence_daily.in_adherence_seconds IS 'Time in which the agent was planned to work, and did. Unit: seconds.';

COMMENT ON COLUMN adherence_daily.adherence_fraction IS 'In-adherence over scheduled time; missing where nothing was planned. Unit: fraction.';

COMMENT ON COLUMN adherence_daily.conformance_fraction IS 'Worked over scheduled time; missing where nothing was planned. Unit: fraction.';

CREATE TABLE miss_analysis (
    business_date DATE NOT NULL,
    queue_id TEXT NOT NULL,
    stated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    plan_date DATE NOT NULL,
    lead_days BIGINT NOT NULL,
    service_level_definition TEXT NOT NULL,
    planned_answered_fraction DOUBLE PRECISION NOT NULL,
    actual_answered_fraction DOUBLE PRECISION NOT NULL,
    miss_fraction DOUBLE PRECISION NOT NULL,
    volume_part_fraction DOUBLE PRECISION NOT NULL,
    handle_time_part_fraction DOUBLE PRECISION NOT NULL,
    staffing_part_fraction DOUBLE PRECISION NOT NULL,
    adherence_part_fraction DOUBLE PRECISION NOT NULL,
    model_part_fraction DOUBLE PRECISION NOT NULL,
    planned_contacts DOUBLE PRECISION NOT NULL,
    actual_contacts DOUBLE PRECISION NOT NULL,
    planned_handle_seconds DOUBLE PRECISION NOT NULL,
    actual_handle_seconds DOUBLE PRECISION,
    planned_position_hours DOUBLE PRECISION NOT NULL,
    scheduled_position_hours DOUBLE PRECISION,
    present_position_hours DOUBLE PRECISION,
    in_words TEXT NOT NULL,
    CONSTRAINT pk_miss_analysis PRIMARY KEY (business_date, queue_id, stated_at),
    CONSTRAINT ck_miss_analysis_lead_days CHECK (lead_days >= 1),
    CONSTRAINT ck_miss_analysis_service_level_definition CHECK (service_level_definition IN ('of_offered', 'of_answered', 'excluding_short_abandons', 'wait_within', 'completed_within')),
    CONSTRAINT ck_miss_analysis_planned_answered_fraction CHECK (planned_answered_fraction >= 0 AND planned_answered_fraction <= 1),
    CONSTRAINT ck_miss_analysis_actual_answered_fraction CHECK (actual_answered_fraction >= 0 AND actual_answered_fraction <= 1),
    CONSTRAINT ck_miss_analysis_miss_fraction CHECK (miss_fraction >= -1 AND miss_fraction <= 1),
    CONSTRAINT ck_miss_analysis_volume_part_fraction CHECK (volume_part_fraction > '-Infinity' AND volume_part_fraction < 'Infinity'),
    CONSTRAINT ck_miss_analysis_handle_time_part_fraction CHECK (handle_time_part_fraction > '-Infinity' AND handle_time_part_fraction < 'Infinity'),
    CONSTRAINT ck_miss_analysis_staffing_part_fraction CHECK (staffing_part_fraction > '-Infinity' AND staffing_part_fraction < 'Infinity'),
    CONSTRAINT ck_miss_analysis_adherence_part_fraction CHECK (adherence_part_fraction > '-Infinity' AND adherence_part_fraction < 'Infinity'),
    CONSTRAINT ck_miss_analysis_model_part_fraction CHECK (model_part_fraction > '-Infinity' AND model_part_fraction < 'Infinity'),
    CONSTRAINT ck_miss_analysis_planned_contacts CHECK (planned_contacts >= 0 AND planned_contacts < 'Infinity'),
    CONSTRAINT ck_miss_analysis_actual_contacts CHECK (actual_contacts >= 0 AND actual_contacts < 'Infinity'),
    CONSTRAINT ck_miss_analysis_planned_handle_seconds CHECK (planned_handle_seconds >= 0 AND planned_handle_seconds < 'Infinity'),
    CONSTRAINT ck_miss_analysis_actual_handle_seconds CHECK (actual_handle_seconds >= 0 AND actual_handle_seconds < 'Infinity'),
    CONSTRAINT ck_miss_analysis_planned_position_hours CHECK (planned_position_hours >= 0 AND planned_position_hours < 'Infinity'),
    CONSTRAINT ck_miss_analysis_scheduled_position_hours CHECK (scheduled_position_hours >= 0 AND scheduled_position_hours < 'Infinity'),
    CONSTRAINT ck_miss_analysis_present_position_hours CHECK (present_position_hours >= 0 AND present_position_hours < 'Infinity'),
    CONSTRAINT ck_miss_analysis_parts_add_up CHECK (abs(volume_part_fraction + handle_time_part_fraction + staffing_part_fraction + adherence_part_fraction + model_part_fraction - miss_fraction) < 1e-9),
    CONSTRAINT ck_miss_analysis_miss CHECK (abs(actual_answered_fraction - planned_answered_fraction - miss_fraction) < 1e-9)
);

COMMENT ON TABLE miss_analysis IS 'Planned against actual service level of a day, split into parts that add up to the miss. Deferred work has none. One row: one live queue and day that is over.';

COMMENT ON COLUMN miss_analysis.business_date IS 'Local calendar date in the enterprise''s time zone. Unit: date.';

COMMENT ON COLUMN miss_analysis.queue_id IS 'Queue, as named in the settings. Unit: text.';

COMMENT ON COLUMN miss_analysis.stated_at IS 'When this was published; a day that late data change is stated again, and the last statement counts. Unit: instant UTC.';

COMMENT ON COLUMN miss_analysis.plan_date IS 'The night on which the plan was made: it knows what had happened by the end of this local day. Unit: date.';

COMMENT ON COLUMN miss_analysis.lead_days IS 'Days from the plan date to the business date; 1 is tomorrow. Unit: days.';

COMMENT ON COLUMN miss_analysis.service_level_definition IS 'What the service level counts. Unit: text.';

COMMENT ON COLUMN miss_analysis.planned_answered_fraction IS 'Service level that the plan predicted for the day. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.actual_answered_fraction IS 'Service level that the day had. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.miss_fraction IS 'Actual less planned: below 0 where it was missed. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.volume_part_fraction IS 'Part of the miss due to more or fewer contacts than planned, at other times. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.handle_time_part_fraction IS 'Part of the miss due to longer or shorter handling than planned. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.staffing_part_fraction IS 'Part of the miss due to more or fewer people scheduled than the plan asked for. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.adherence_part_fraction IS 'Part of the miss due to people who were scheduled and not there, or there and not scheduled. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.model_part_fraction IS 'Part of the miss due to none of these: what the staffing model leaves unexplained. Unit: fraction.';

COMMENT ON COLUMN miss_analysis.planned_contacts IS 'Contacts planned. Unit: contacts.';

COMMENT ON COLUMN miss_analysis.actual_contacts IS 'Contacts that came. Unit: contacts.';

COMMENT ON COLUMN miss_analysis.planned_handle_seconds IS 'Mean handle time planned. Unit: seconds.';

COMMENT ON COLUMN miss_analysis.actual_handle_seconds IS 'Mean handle time of the day; missing where unknown. Unit: seconds.';

COMMENT ON COLUMN miss_analysis.planned_position_hours IS 'Hours at work that the plan asked for. Unit: hours.';

COMMENT ON COLUMN miss_analysis.scheduled_position_hours IS 'Hours on the queue that people were scheduled for; missing where no schedule is known. Unit: hours.';

COMMENT ON COLUMN miss_analysis.present_position_hours IS 'Hours that people were there to answer; missing where unknown. Unit: hours.';

COMMENT ON COLUMN miss_analysis.in_words IS 'The miss and its parts in words. Unit: text.';
