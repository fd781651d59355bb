"""What a night ends with: tomorrow's staffing, and where everything is."""

from datetime import date

from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.services import psql_line
from cli.session import Session, out, say
from enterprise.settings import EMBEDDED

COLUMNS = ("contacts", "10-90 %", "peak\npositions", "peak\npeople", "people\nhours", "service\nlevel")


def show_outcome(session: Session, plan_date: date) -> None:
    """Print the staffing table for the next open day and where plan book, tables and Airflow are."""
    from warehouse.job import tomorrow_at_a_glance

    rows = tomorrow_at_a_glance(plan_date, session.enterprise)
    if not rows:
        say(f"The plan of {plan_date} holds no open day.")
        return
    title = f"Staffing for {rows[0].business_date:%A %d %B %Y}, planned after {plan_date:%d %B}"
    table = Table(title=title, box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))  # fits 80 columns
    table.add_column("", no_wrap=True, max_width=24, overflow="ellipsis")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    for row in rows:
        indent = "  " if row.level == "queue" else ""
        band = "" if row.offered_low is None or row.offered_high is None else f"{row.offered_low:.0f}-{row.offered_high:.0f}"
        table.add_row(
            f"{indent}{row.name}",
            "" if row.offered_contacts is None else f"{row.offered_contacts:.0f}",
            band,
            str(row.peak_positions),
            str(row.peak_staff),
            f"{row.staff_hours:.0f}",
            "" if row.answered_fraction is None else f"{row.answered_fraction:.0%}",
            style="" if row.level == "queue" else "bold",
            end_section=row.level == "enterprise",
        )
    out.print(table)
    say(f"Plan book:  {_near(session, session.enterprise.storage.plan_book(plan_date))}")
    if session.enterprise.storage.warehouse_url == EMBEDDED:
        say(f"Tables:     {psql_line(session.folders, session)}")
        say("            (the embedded PostgreSQL runs while `make up` is on)")
    say("Airflow:    make up shows its address and login; make down stops it")


def _near(session: Session, folder: str) -> str:
    """A folder as it reads from the working folder, if it lies in it."""
    return folder.removeprefix(f"{session.folders.work}/")
