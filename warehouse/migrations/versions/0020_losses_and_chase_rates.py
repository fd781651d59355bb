"""Hours lost by kind of shrinkage, and how many contacts overdue work raises: the tables shrinkage_hours and chase_rate."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter
    op.execute("SELECT leadline_month(plan_date) FROM (SELECT DISTINCT plan_date FROM plan_version)")


def downgrade() -> None:
    op.execute("DROP TABLE shrinkage_hours")
    op.execute("DROP TABLE chase_rate")
