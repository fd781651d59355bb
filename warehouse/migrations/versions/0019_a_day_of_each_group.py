"""A whole day of each group simulated, and the backlog of the blended plan: group_audit, and columns of staffing_blended."""

from warehouse.migrations.frozen import drop_columns, drop_tables, make_partitions, run_frozen

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ADDED = ("opening_items", "completed_items", "due_items", "breached_items")


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("group_audit")
    drop_columns("staffing_blended", *_ADDED)
