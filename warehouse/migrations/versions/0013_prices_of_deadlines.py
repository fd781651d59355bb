"""What deadlines of deferred work cost; overdue work in the projection of backlogs, and the contacts that it raises."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE staffing_interval DROP chase_contacts")
    op.get_bind().exec_driver_sql("ALTER TABLE backlog_projection DROP overdue_items")
    op.get_bind().exec_driver_sql("ALTER TABLE backlog_projection DROP overdue_items_q95")
    op.get_bind().exec_driver_sql("DROP TABLE deadline_price")
