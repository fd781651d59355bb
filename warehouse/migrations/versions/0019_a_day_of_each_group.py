"""A whole day of each group simulated, and the backlog of the blended plan: group_audit, and columns of staffing_blended."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_ADDED = ("opening_items", "completed_items", "due_items", "breached_items")


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter
    op.execute("SELECT leadline_month(plan_date) FROM (SELECT DISTINCT plan_date FROM plan_version)")


def downgrade() -> None:
    op.execute("DROP TABLE group_audit")
    for column in _ADDED:
        op.get_bind().exec_driver_sql(f"ALTER TABLE staffing_blended DROP COLUMN {column}")
