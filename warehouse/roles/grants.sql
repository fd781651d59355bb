-- What each role may do; {tables}, {views}, {all} and {database} are filled in by warehouse/schema.py. Granting again changes nothing.
REVOKE ALL ON {all} FROM PUBLIC, leadline_writer, leadline_reader, leadline_planner;
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO leadline_writer, leadline_reader, leadline_planner;
GRANT USAGE ON SCHEMA public, mart TO leadline_writer, leadline_reader, leadline_planner;

-- The pipeline: adds plans and says which one is in force (and notes who decided so); it can neither change nor delete a number once published.
GRANT TEMPORARY ON DATABASE {database} TO leadline_writer;
GRANT SELECT, INSERT ON {tables} TO leadline_writer;
GRANT UPDATE (status) ON plan_version TO leadline_writer;
GRANT UPDATE ON queue, calendar_date, calendar_interval, history_days TO leadline_writer;
GRANT DELETE ON daily_history, interval_history TO leadline_writer; -- late data re-state what happened, never what was planned
GRANT DELETE ON forecast_today, staffing_today, run_summary TO leadline_writer; -- a moment of a day, a night's steps: told again, they are told anew
-- A plan's rows are copied into its month's partition; the partitions of months to come are made by the schema's owner.
GRANT USAGE ON SCHEMA partitions TO leadline_writer;
GRANT INSERT ON ALL TABLES IN SCHEMA partitions TO leadline_writer;
ALTER DEFAULT PRIVILEGES IN SCHEMA partitions GRANT INSERT ON TABLES TO leadline_writer;
GRANT EXECUTE ON FUNCTION leadline_month(date) TO leadline_writer; -- the partitions of a month that has none yet
GRANT SELECT ON alembic_version TO leadline_writer; -- it refuses a schema that is not its own

-- Planners: they enter changes, under their own login and at the time it is, and enter nothing else; what is entered stays.
GRANT INSERT (
    kind, level, member_id, first_date, last_date, start_time, end_time, value, event_name, withdraws, reason, valid_until_date
) ON planner_override TO leadline_planner;

-- BI tools and planners: the views, nothing below them.
GRANT SELECT ON {views} TO leadline_writer, leadline_reader, leadline_planner;
