"""The rest of a day that runs: the tables forecast_today and staffing_today."""

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    op.execute("DROP TABLE forecast_today")
    op.execute("DROP TABLE staffing_today")
