"""Weekly forecasts for a year and a half: the table forecast_weekly."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("forecast_weekly")
