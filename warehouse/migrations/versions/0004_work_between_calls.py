"""Deferred work between calls and chats: its table, and the blended hours of days and weeks beside the separate ones."""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    op.get_bind().exec_driver_sql("ALTER TABLE staffing_daily DROP blended_staff_hours")
    op.get_bind().exec_driver_sql("ALTER TABLE staffing_daily DROP blended_cost")
    op.get_bind().exec_driver_sql("ALTER TABLE staffing_weekly DROP blended_staff_hours")
    op.get_bind().exec_driver_sql("ALTER TABLE staffing_weekly DROP blended_cost")
    op.get_bind().exec_driver_sql("DROP TABLE staffing_blended")
