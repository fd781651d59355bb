"""The warehouse's jobs from settings to a page in a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from enterprise.errors import NeedsPersonError
from enterprise.settings import Enterprise
from tests.support.example_night import PLAN_DATE
from warehouse.database import connected, warehouse_url
from warehouse.job import migrate_warehouse, publish_night, tomorrow_at_a_glance, write_dictionary, write_planbook_night
from warehouse.lake import Lake
from warehouse.tables.staffing import STAFFING_INTERVAL

pytestmark = pytest.mark.integration


@pytest.fixture
def own(enterprise: Enterprise, tmp_path: Path) -> Enterprise:
    """The enterprise with its own plan book folder."""
    storage = enterprise.storage.model_copy(update={"planbook_folder": str(tmp_path / "books")})
    return enterprise.model_copy(update={"storage": storage})


def test_a_fresh_warehouse_ends_with_a_published_plan_and_its_book(own: Enterprise, night_lake: Lake) -> None:
    done = publish_night(PLAN_DATE, own, night_lake)
    assert done.changed
    assert not migrate_warehouse(own).changed, "publishing on the embedded server migrates first"
    path = Path(write_planbook_night(PLAN_DATE, own, night_lake))
    assert path.name == "plan-book-2026-11-12.html"
    first = path.read_bytes()
    assert (path.parent / "latest.html").read_bytes() == first
    assert not publish_night(PLAN_DATE, own, night_lake).changed
    write_planbook_night(PLAN_DATE, own, night_lake)
    assert path.read_bytes() == first, "the same night gives the same book"


def test_the_glance_is_what_the_warehouse_says(own: Enterprise, night_lake: Lake) -> None:
    publish_night(PLAN_DATE, own, night_lake)
    rows = {row.member_id: row for row in tomorrow_at_a_glance(PLAN_DATE, own)}
    with connected(warehouse_url(own.storage)) as connection:
        found = connection.execute(
            "SELECT member_id, staff_hours, peak_scheduled_staff FROM staffing_daily "
            "WHERE lead_days = 1 AND level NOT IN ('line_of_business', 'site')"
        ).fetchall()
    assert len(found) == len(rows) == 19
    for member, hours, peak in found:
        assert rows[member].staff_hours == pytest.approx(hours)
        assert rows[member].peak_staff == peak


def test_a_book_that_would_contradict_the_warehouse_is_not_written(own: Enterprise, own_lake: Lake) -> None:
    publish_night(PLAN_DATE, own, own_lake)
    rows = own_lake.read(STAFFING_INTERVAL, first=PLAN_DATE, last=PLAN_DATE)
    own_lake.replace(STAFFING_INTERVAL, rows.assign(cost=0.0), PLAN_DATE)
    with pytest.raises(NeedsPersonError, match="contradict the warehouse"):
        write_planbook_night(PLAN_DATE, own, own_lake)


def test_a_night_never_published_is_said(own: Enterprise, night_lake: Lake) -> None:
    migrate_warehouse(own)
    with pytest.raises(NeedsPersonError, match=r"no plan of the night of 2026-11-11; publish it first"):
        tomorrow_at_a_glance(PLAN_DATE - timedelta(days=1), own)


def test_the_dictionary_is_written_where_asked(tmp_path: Path) -> None:
    assert write_dictionary(tmp_path / "new" / "tables.md").read_text().startswith("# Tables")


@pytest.fixture
def browser() -> Iterator[Any]:
    """Headless Chromium; skipped with a clear word where there is none."""
    executable = os.environ.get("LEADLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no browser: install Debian's chromium (make system) to see the plan book opened")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield found
        found.close()


def test_a_browser_opens_the_book_without_errors_or_network(
    own: Enterprise, night_lake: Lake, browser: Any, tmp_path: Path
) -> None:
    publish_night(PLAN_DATE, own, night_lake)
    path = Path(write_planbook_night(PLAN_DATE, own, night_lake))
    glance = {row.member_id: row for row in tomorrow_at_a_glance(PLAN_DATE, own)}
    trouble: list[str] = []
    page = browser.new_page(viewport={"width": 1280, "height": 1400}, color_scheme="dark")
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(("file:", "data:")) else trouble.append(request.url))
    page.goto(path.as_uri())
    assert page.title() == "Harbour Mutual: plan book of 2026-11-12"
    assert f"{glance['voice'].staff_hours:,.0f}" in page.locator(".cards").inner_text()
    assert f"{glance['all'].offered_contacts:,.0f}" in page.locator("#glance").inner_text()
    assert page.locator("#forecast svg").count() == 13
    page.select_option("#queue", "voice_sales")
    page.select_option("#day", "2026-11-14")
    assert page.locator("#look").inner_text() == "Closed on this day."
    page.select_option("#queue", "voice_roadside")
    page.locator("#closer summary").click()
    assert page.locator("#looktable tbody tr").count() == 48
    assert page.locator("#look svg path").count() == 3
    page.screenshot(path=tmp_path / "book.png", full_page=True)
    assert (tmp_path / "book.png").stat().st_size > 50_000
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 400, "tables scroll inside the page, the page does not"
    assert trouble == []
