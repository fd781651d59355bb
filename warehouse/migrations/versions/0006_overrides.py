"""Planners' changes: the table they write to, what each plan did with them, and the model's own numbers beside."""

from warehouse.migrations.frozen import drop_tables, run_frozen

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = ("model_forecast_daily", "model_forecast_interval", "override_effect", "override_status", "planner_override")


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables(*_TABLES)
