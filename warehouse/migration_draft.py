"""The next migration, drafted from the difference between the declarations and a database at the newest revision.

`make migration WORDS="what changes"` runs it on an empty embedded server that is thrown away. Alembic writes what it can see:
tables, columns, keys, indexes and comments. It does not compare checks and partitions, so everything that differs is listed as
well, and the draft is to be read and completed before it is committed; then the test of agreement and the way up and down on data
decide.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext

from warehouse.database import transaction
from warehouse.embedded import WAREHOUSE_ROLE, EmbeddedPostgres
from warehouse.schema import disagreements, migrate, newest_revision
from warehouse.tables.ddl import database_schema

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_NAME = re.compile(r"[^a-z0-9]+")


def draft(words: str, url: str, folder: Path = _VERSIONS) -> Path | None:
    """Write the next migration of a database at the newest revision; None if declarations and database agree.

    Args:
        words: what changes, in a few words: the file's name and first line.
        url: SQLAlchemy address of a migrated database.
        folder: where the file is written.
    """
    differences = disagreements(url)
    if not differences:
        return None
    with transaction(url) as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": _is_declared}
        script = produce_migrations(MigrationContext.configure(connection, opts=options), database_schema())
    if script.upgrade_ops is None or script.downgrade_ops is None:  # produce_migrations always fills both
        raise ValueError("Alembic returned no operations")
    number = f"{int(newest_revision()) + 1:04d}"
    listed = "\n".join(f"#   {line}" for line in differences)
    text = (
        f'"""{words}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy import Text  # noqa: F401\n'
        "from sqlalchemy.dialects import postgresql  # noqa: F401\n\n"
        f'revision = "{number}"\ndown_revision = "{newest_revision()}"\nbranch_labels = None\ndepends_on = None\n\n'
        f"# To be covered below; remove this list when it is:\n{listed}\n\n\n"
        f"def upgrade() -> None:\n    {_indented(render_python_code(script.upgrade_ops))}\n\n\n"
        f"def downgrade() -> None:\n    {_indented(render_python_code(script.downgrade_ops))}\n"
    )
    path = folder / f"{number}_{_NAME.sub('_', words.lower()).strip('_')}.py"
    path.write_text(text, encoding="utf-8")
    return path


def _indented(code: str) -> str:
    return code.strip() or "pass"


def _is_declared(thing: object, name: str | None, kind: str, reflected: bool, compared: object) -> bool:
    return not (kind == "table" and name == "alembic_version")


def main(words: str) -> None:
    """Draft a migration against a server of its own that is removed afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "state")
        try:
            url = EmbeddedPostgres.ensure_running(state).url(WAREHOUSE_ROLE)
            migrate(url, newest_revision())  # by name: views may need what is to be drafted
            path = draft(words, url)
        finally:
            EmbeddedPostgres.stop(state)
    sys.stdout.write("Declarations and database agree: there is nothing to migrate.\n" if path is None else f"{path}\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('say what changes: make migration WORDS="hours per contract"')
    main(sys.argv[1])
