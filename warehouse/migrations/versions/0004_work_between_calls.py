"""Deferred work between calls and chats: its table, and the blended hours of days and weeks beside the separate ones."""

from warehouse.migrations.frozen import drop_columns, drop_tables, run_frozen

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_columns("staffing_daily", "blended_staff_hours", "blended_cost")
    drop_columns("staffing_weekly", "blended_staff_hours", "blended_cost")
    drop_tables("staffing_blended")
