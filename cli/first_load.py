"""The first load of a lake: all history that the sources hold, once, before its first night.

A night then takes in what one day brought. The load belongs to the day before that night, uses two processes for the sources, and
may be repeated or cut off at any point like every night.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

from rich.markup import escape

from cli.session import Session, open_session, out
from enterprise.errors import LeadlineError, NoHistoryError

WORKERS = 2


def load_if_first(session: Session, night: date) -> None:
    """Extract, conform, make history and stitch workstreams up to the day before the night, if this lake never had a night.

    A source that cannot be read is left out and told; the night tries it again.

    Raises:
        LeadlineError: if no source could be read.
    """
    from etl.job import build_history_night, conform_night, is_first_night, stitch_night
    from warehouse.job import open_lake

    lake = open_lake(session.enterprise)
    if not is_first_night(lake):
        return
    day = night - timedelta(days=1)
    started = time.monotonic()
    out.print("First load: all history that the sources hold, once.")

    def told(step: str) -> None:
        out.print(f"{time.monotonic() - started:7.1f} s  {step}: done")

    read_sources(session, day, told)
    conform_night(day, session.enterprise, lake)
    told("conform")
    with suppress(NoHistoryError):  # the night itself may hold the first day there is
        build_history_night(day, session.enterprise, lake)
    told("history")
    stitch_night(day, session.enterprise, lake)
    told("workstreams")


def read_sources(session: Session, day: date, told: Callable[[str], None] = lambda _: None) -> list[str]:
    """Read every source for a day, two at a time.

    Args:
        session: settings and folders.
        day: the local day.
        told: called with what was done.

    Returns:
        Why sources could not be read, one message each.

    Raises:
        LeadlineError: if none could.
    """
    failed: list[LeadlineError] = []
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(_extract, session.config, source, day): source for source in session.enterprise.sources}
        for ended in as_completed(running):
            try:
                ended.result()
            except LeadlineError as error:
                failed.append(error)
                out.print(f"[bold yellow]Not loaded:[/] {escape(str(error))}", soft_wrap=True)
                continue
            told(f"extract {running[ended]}")
    if len(failed) == len(running):
        raise failed[0]
    return [str(error) for error in failed]


def _extract(config: Path, source: str, day: date) -> None:
    """One source in a process of its own."""
    from etl.job import extract_source
    from warehouse.job import open_lake

    enterprise = open_session(config).enterprise
    extract_source(source, day, enterprise, open_lake(enterprise))
