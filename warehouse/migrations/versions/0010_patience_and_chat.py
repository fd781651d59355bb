"""How long customers wait before they give up, and how many chats people hold at once, as a plan takes them."""

from warehouse.migrations.frozen import drop_tables, make_partitions, run_frozen

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(__file__)
    make_partitions()


def downgrade() -> None:
    drop_tables("patience", "chat_concurrency")
