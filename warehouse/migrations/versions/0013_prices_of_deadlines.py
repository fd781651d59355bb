"""What deadlines of deferred work cost; overdue work in the projection of backlogs, and the contacts that it raises."""

from warehouse.migrations.frozen import drop_columns, drop_tables, run_frozen

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)


def downgrade() -> None:
    drop_columns("staffing_interval", "chase_contacts")
    drop_columns("backlog_projection", "overdue_items", "overdue_items_q95")
    drop_tables("deadline_price")
