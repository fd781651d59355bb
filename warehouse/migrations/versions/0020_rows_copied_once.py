"""Rows of plans are copied straight into their partition: one look per statement instead of a foreign key per row."""

from pathlib import Path

from alembic import op

from warehouse.migrations.frozen import run_frozen, run_words

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_PER_INTERVAL = (
    "forecast_interval",
    "model_forecast_interval",
    "staffing_interval",
    "staffing_blended",
    "backlog_projection",
    "shift_schedule",
    "shift_cover",
    "staff_group_interval",
    "simulation_audit",
)
_OF_QUEUES_AND_DAYS = (
    "forecast_interval",
    "group_audit",
    "override_effect",
    "model_forecast_interval",
    "staffing_interval",
    "staffing_blended",
    "backlog_projection",
    "deadline_price",
    "simulation_audit",
)
_MONTHS_BEFORE = Path(__file__).with_name("0002_partitions_by_month.sql")


def upgrade() -> None:
    run_frozen(__file__)
    for table in _PER_INTERVAL:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT fk_{table}_plan_version")
        for place in _table_and_partitions(table):
            op.execute(
                f"CREATE TRIGGER rows_of_a_plan AFTER INSERT OR UPDATE ON {place} "
                "FOR EACH STATEMENT EXECUTE FUNCTION leadline_rows_of_a_plan()"
            )
    _index_days("business_date, plan_date, version, queue_id")


def downgrade() -> None:
    _index_days("business_date, plan_date, version")
    for table in _PER_INTERVAL:
        for place in _table_and_partitions(table):
            op.execute(f"DROP TRIGGER rows_of_a_plan ON {place}")
        op.execute(
            f"ALTER TABLE {table} ADD CONSTRAINT fk_{table}_plan_version FOREIGN KEY (plan_date, version) "
            "REFERENCES plan_version (plan_date, version)"
        )
    op.execute("DROP FUNCTION leadline_month(date)")
    op.execute("DROP FUNCTION leadline_rows_of_a_plan()")
    run_words(_MONTHS_BEFORE.read_text(encoding="utf-8"))


def _table_and_partitions(table: str) -> list[str]:
    partitions = op.get_bind().exec_driver_sql(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %(table)s::regclass", {"table": table}
    )
    return [table, *(row[0] for row in partitions)]


def _index_days(columns: str) -> None:
    for table in _OF_QUEUES_AND_DAYS:
        op.execute(f"DROP INDEX ix_{table}_business_date")
        op.execute(f"CREATE INDEX ix_{table}_business_date ON {table} ({columns})")
