"""The simulation audit: what the plan predicts beside what a simulation of the same positions does."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("simulation_audit")
