"""Leads of drivers other than claims: the table driver_lead, and what they add to a day in forecast_daily."""

from warehouse.migrations.frozen import drop_columns, drop_tables, make_partitions, run_frozen

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("driver_lead")
    drop_columns("forecast_daily", "driver_lead_contacts")
