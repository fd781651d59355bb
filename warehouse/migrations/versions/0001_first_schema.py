"""The first schema: the published tables as 0001_first_schema.sql froze them, whatever the declarations say today."""

from warehouse.migrations.frozen import drop_tables, run_frozen

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
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables(*_TABLES)
