"""Leads of drivers other than claims: the table driver_lead, and what they add to a day in forecast_daily."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter
    op.execute("SELECT leadline_month(plan_date) FROM (SELECT DISTINCT plan_date FROM plan_version)")


def downgrade() -> None:
    op.execute("DROP TABLE driver_lead")
    op.execute("ALTER TABLE forecast_daily DROP COLUMN driver_lead_contacts")
