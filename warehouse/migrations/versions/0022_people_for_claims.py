"""Which claims bring which contacts, and whom that takes: the table claims_positions."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("claims_positions")
