"""How every night went, step by step: the table run_summary."""

from warehouse.migrations.frozen import drop_tables, run_frozen

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables("run_summary")
