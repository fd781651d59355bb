"""Planners' changes: the table they write to, what each plan did with them, and the model's own numbers beside."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = ("model_forecast_daily", "model_forecast_interval", "override_effect", "override_status", "planner_override")


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    for table in _TABLES:
        op.get_bind().exec_driver_sql(f"DROP TABLE {table}")
