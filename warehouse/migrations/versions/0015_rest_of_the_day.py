"""The rest of a day that runs: the tables forecast_today and staffing_today."""

from warehouse.migrations.frozen import drop_tables, run_frozen

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables("forecast_today", "staffing_today")
