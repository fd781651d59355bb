-- Three roles that nobody logs in as: logins are made by the server's administrator and become members of one of them, e.g.
--   CREATE ROLE anna LOGIN IN ROLE leadline_reader;   and then   \password anna
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leadline_writer') THEN
        CREATE ROLE leadline_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leadline_reader') THEN
        CREATE ROLE leadline_reader NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'leadline_planner') THEN
        CREATE ROLE leadline_planner NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- another session made them at the same moment
END
$$;
