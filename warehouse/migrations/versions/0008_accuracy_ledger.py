"""The accuracy ledger: every forecast of a day that is over against what came, with the time of each statement."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter


def downgrade() -> None:
    op.get_bind().exec_driver_sql("DROP TABLE accuracy_ledger")
