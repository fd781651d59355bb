"""The enterprise's calendar, and history as it is known now: dimensions and actuals of the star schema."""

from warehouse.migrations.frozen import drop_tables, run_frozen

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("calendar_date", "calendar_interval", "history_days", "daily_history", "interval_history")


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables(*_TABLES)
