"""Why a day's service level was not the planned one, and who was there when planned to be."""

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    for table in ("adherence_daily", "miss_analysis"):
        op.get_bind().exec_driver_sql(f"DROP TABLE {table}")
