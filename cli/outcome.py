"""What a night ends with: tomorrow's staffing, and where everything is."""

from datetime import date

from cli.services import psql_line
from cli.session import Session, out


def show_outcome(session: Session, plan_date: date) -> None:
    """Print the staffing table for tomorrow's channels and where plan book and tables are."""
