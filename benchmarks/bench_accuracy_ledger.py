"""How long planners wait for a year of accuracy by lead: view `accuracy_by_lead` on a ledger of made-up numbers.

    python benchmarks/bench_accuracy_ledger.py [--members 27] [--days 365]

A fresh embedded server is made in a temporary folder and removed afterwards. Times are PostgreSQL's own, of EXPLAIN ANALYZE.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from enterprise.settings import load_enterprise
from warehouse.database import connected, warehouse_url
from warehouse.embedded import EmbeddedPostgres
from warehouse.schema import migrate
from warehouse.tables.ddl import database_columns
from warehouse.tables.forecast import ACCURACY_LEDGER

ROOT = Path(__file__).parents[1]
QUERIES = {
    "all leads, 4, 13 and 52 weeks": "SELECT * FROM accuracy_by_lead",
    "leads 1, 7, 14, 28 of 52 weeks": "SELECT * FROM accuracy_by_lead WHERE weeks = 52 AND lead_days IN (1, 7, 14, 28)",
}
_VALUES = {
    "business_date": "day::date",
    "level": "CASE WHEN member <= 11 THEN 'queue' ELSE 'channel' END",
    "member_id": "'m' || member",
    "lead_days": "lead",
    "stated_at": "day + interval '1 day'",
    "plan_date": "day::date - lead",
    "inside_80_band": "random() < 0.8",
    "has_override": "FALSE",
    "offered_contacts": "(100 + random() * 50)::bigint",
}


def main() -> None:
    """Fill the ledger and print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=27, help="queues and levels")
    parser.add_argument("--days", type=int, default=365, help="days that are over")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, Path(folder))
        try:
            url = warehouse_url(enterprise.storage)
            migrate(url)
            names = [column.name for column in database_columns(ACCURACY_LEDGER)]
            values = ", ".join(_VALUES.get(name, "1 + 20 * random()") for name in names)
            with connected(url) as connection:
                connection.execute(
                    f"INSERT INTO accuracy_ledger ({', '.join(names)}) SELECT {values} "  # noqa: S608 - our own names
                    "FROM generate_series(date '2026-11-12' - %s, date '2026-11-12', '1 day') AS day, "
                    "generate_series(1, %s) AS member, generate_series(1, 28) AS lead",
                    [asked.days - 1, asked.members],
                )
                connection.execute("ANALYZE accuracy_ledger")
                sys.stdout.write(f"{asked.days * asked.members * 28:,} rows\n")
                for words, query in QUERIES.items():
                    plans = [connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {query}").fetchall() for _ in range(3)]
                    times = sorted(float(plan[-1][0].split()[2]) for plan in plans)
                    sys.stdout.write(f"{words}: median {times[1]:.0f} ms\n")
        finally:
            EmbeddedPostgres.stop(Path(enterprise.storage.state_folder))


if __name__ == "__main__":
    main()
