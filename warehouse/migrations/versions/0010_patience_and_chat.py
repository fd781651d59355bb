"""How long customers wait before they give up, and how many chats people hold at once, as a plan takes them."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = (
    "patience",
    "chat_concurrency",
)


def upgrade() -> None:
    frozen = Path(__file__).with_suffix(".sql").read_bytes()
    op.get_bind().connection.driver_connection.execute(frozen)  # past SQLAlchemy, to which a percent sign is a parameter
    op.execute("SELECT leadline_month(plan_date) FROM (SELECT DISTINCT plan_date FROM plan_version)")


def downgrade() -> None:
    for table in _TABLES:
        op.get_bind().exec_driver_sql(f"DROP TABLE {table}")
