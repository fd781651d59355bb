"""The first schema: the published tables as 0001_first_schema.sql froze them, whatever the declarations say today."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "backlog_projection",
    "claims_lead",
    "data_quality",
    "quality_findings",
    "forecast_daily",
    "forecast_interval",
    "model_leaderboard",
    "staffing_daily",
    "staffing_interval",
    "staffing_weekly",
    "certainty_curve",
    "shift_people",
    "shift_schedule",
    "shift_cover",
    "queue",
    "plan_decisions",
    "plan_version",
)


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    for table in _TABLES:
        op.get_bind().exec_driver_sql(f"DROP TABLE {table}")
