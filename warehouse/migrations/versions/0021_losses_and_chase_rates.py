"""Hours lost by kind of shrinkage, and how many contacts overdue work raises: the tables shrinkage_hours and chase_rate."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("shrinkage_hours", "chase_rate")
