"""What migrations have in common: SQL frozen in a file of the same name beside them, whatever the declarations say today."""

from pathlib import Path

from alembic import op


def run_frozen(migration: str) -> None:
    """Run the SQL beside a migration (its `__file__`), past SQLAlchemy, to which a percent sign is a parameter."""
    run_words(Path(migration).with_suffix(".sql").read_text(encoding="utf-8"))


def run_words(words: str) -> None:
    """Run statements as they stand."""
    driver = op.get_bind().connection.driver_connection
    if driver is not None:  # a connection in use has one
        driver.execute(words)


def make_partitions() -> None:
    """Give tables that are new the partitions of every month that has a plan."""
    op.execute("SELECT leadline_month(plan_date) FROM (SELECT DISTINCT plan_date FROM plan_version)")


def drop_tables(*names: str) -> None:
    """Remove tables, in the order given."""
    for name in names:
        op.execute(f"DROP TABLE {name}")


def drop_columns(table: str, *names: str) -> None:
    """Remove columns of a table."""
    for name in names:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
