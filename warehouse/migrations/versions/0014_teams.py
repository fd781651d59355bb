"""What teams that share queues need, between silos and one team for all."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("staff_group_interval")
