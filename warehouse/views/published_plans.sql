CREATE VIEW published_plans AS
SELECT
    plan_date,
    version,
    status,
    status = 'current' AS in_force,
    code_version,
    settings_hash,
    content_hash,
    checks_passed,
    checks_failed,
    made_at
FROM plan_version;

COMMENT ON VIEW published_plans IS 'Every plan ever published, and which one is in force.';
COMMENT ON COLUMN published_plans.in_force IS 'Whether people work by this plan. Unit: flag.';
