"""Why a plan differs from the one before: the table forecast_change."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("forecast_change")
