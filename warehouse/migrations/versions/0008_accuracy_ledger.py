"""The accuracy ledger: every forecast of a day that is over against what came, with the time of each statement."""

from warehouse.migrations.frozen import drop_tables, run_frozen

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables("accuracy_ledger")
