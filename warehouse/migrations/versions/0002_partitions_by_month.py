"""Tables of plans are partitioned by the month of plan_date; their rows move, nothing is lost on the way up or down."""

from alembic import op

from warehouse.migrations.frozen import make_partitions, run_frozen

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEYS = {
    "backlog_projection": "queue_id, interval_start_utc",
    "certainty_curve": "queue_id, goal_probability",
    "claims_lead": "queue_id, claim_class, lag_days",
    "data_quality": "stage, table_name, rule",
    "forecast_daily": "level, member_id, business_date",
    "forecast_interval": "queue_id, interval_start_utc",
    "model_leaderboard": "queue_id, model, lead_band",
    "quality_findings": "rule, subject_kind, subject_id, business_date",
    "shift_cover": "staff_group, interval_start_utc",
    "shift_people": "staff_group, contract",
    "shift_schedule": "staff_group, contract, interval_start_utc",
    "staffing_daily": "level, member_id, business_date",
    "staffing_interval": "queue_id, interval_start_utc",
    "staffing_weekly": "level, member_id, week_start_date",
}
_WITHOUT_DAY_INDEX = ("certainty_curve", "claims_lead", "data_quality", "model_leaderboard", "shift_people", "staffing_weekly")


def upgrade() -> None:
    op.execute("CREATE SCHEMA partitions")
    run_frozen(__file__)
    _moved(" PARTITION BY RANGE (plan_date)")


def downgrade() -> None:
    _moved("")
    op.execute("DROP FUNCTION leadline_month(date)")
    op.execute("DROP SCHEMA partitions")


def _moved(partitioning: str) -> None:
    """Make every table anew beside its former self, move the rows, and drop what was before."""
    op.execute("CREATE SCHEMA leadline_before")
    for table in _KEYS:
        op.execute(f"ALTER TABLE {table} SET SCHEMA leadline_before")
        before = f"leadline_before.{table}"
        op.execute(f"CREATE TABLE {table} (LIKE {before} INCLUDING ALL EXCLUDING INDEXES){partitioning}")
        op.execute(f"DO $$ BEGIN EXECUTE format('COMMENT ON TABLE {table} IS %L', obj_description('{before}'::regclass)); END $$")
    if partitioning:
        make_partitions()
    for table, key in _KEYS.items():
        op.execute(f"INSERT INTO {table} SELECT * FROM leadline_before.{table}")  # noqa: S608 - our own constants
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (plan_date, version, {key})")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_plan_version FOREIGN KEY (plan_date, version) "
            "REFERENCES plan_version (plan_date, version)"
        )
        if table not in _WITHOUT_DAY_INDEX:
            op.execute(f"CREATE INDEX ix_{table}_business_date ON {table} (business_date, plan_date, version)")
        op.execute(f"DROP TABLE leadline_before.{table}")
    op.execute("DROP SCHEMA leadline_before")
