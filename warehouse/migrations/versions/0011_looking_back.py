"""Why a day's service level was not the planned one, and who was there when planned to be."""

from warehouse.migrations.frozen import drop_tables, run_frozen

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_tables("adherence_daily", "miss_analysis")
