"""People needed and there for a year and a half: the table capacity_plan."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("capacity_plan")
