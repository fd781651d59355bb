"""Sites are a level of the enterprise: plans and the ledger have rows of their sums."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_TABLES = (
    "accuracy_ledger",
    "planner_override",
    "forecast_change",
    "forecast_daily",
    "forecast_weekly",
    "model_forecast_daily",
    "override_status",
    "staffing_daily",
    "staffing_weekly",
)
_BEFORE = "'queue', 'channel', 'line_of_business', 'enterprise'"
_NOW = "'queue', 'channel', 'line_of_business', 'site', 'enterprise'"


_MEMBER_BEFORE = "Which queue, channel or line of business of that level; ''all'' for the enterprise. Unit: text."
_MEMBER_NOW = "Which queue, channel, line of business or site of that level; ''all'' for the enterprise. Unit: text."


def upgrade() -> None:
    _allow(_NOW, _MEMBER_NOW)


def downgrade() -> None:
    for table in _TABLES:
        level = sa.column("level")
        op.execute(sa.delete(sa.table(table, level)).where(level == "site"))  # the former schema has no place for them
    _allow(_BEFORE, _MEMBER_BEFORE)


def _allow(levels: str, member: str) -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_level")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_level CHECK (level IN ({levels}))")
        op.execute(f"COMMENT ON COLUMN {table}.member_id IS '{member}'")
