CREATE VIEW mart.dim_plan AS
SELECT
    plan_date,
    version,
    status,
    status = 'current' AS in_force,
    version = max(version) OVER (PARTITION BY plan_date) AS newest_of_night,
    code_version,
    checks_passed,
    checks_failed,
    made_at
FROM plan_version;

COMMENT ON VIEW mart.dim_plan IS 'Dimension: every plan ever published. One row: one version of one night''s plan.';
COMMENT ON COLUMN mart.dim_plan.in_force IS 'Whether people work by this plan. Unit: flag.';
COMMENT ON COLUMN mart.dim_plan.newest_of_night IS 'Whether it is the last version of its night. Unit: flag.';
