"""The plan book: one self-contained HTML file that planners open, print and mail; the same night gives the same bytes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from warehouse.planbook import words
from warehouse.planbook.audit import audit_sentence, audited_days, audited_queues
from warehouse.planbook.blended import blended_queues
from warehouse.planbook.capacity import group_capacity
from warehouse.planbook.changes import plan_changes
from warehouse.planbook.claims_told import claims_told
from warehouse.planbook.customers import held_chats, patient_periods
from warehouse.planbook.day import closer_look, day_grid
from warehouse.planbook.deadlines import deadlines_in_words
from warehouse.planbook.findings import claims_chart, deferred_days, failed_checks, in_short, put_aside, stage_checks
from warehouse.planbook.glance import next_open_day
from warehouse.planbook.leads import driver_leads, leads
from warehouse.planbook.long_range import long_range
from warehouse.planbook.looking_back import LEADS, WEEKS, accuracy_rows, miss_list, planner_changes
from warehouse.planbook.night import BookNight
from warehouse.planbook.outlook import queue_outlooks, week_table
from warehouse.planbook.quality import findings, held, warned
from warehouse.planbook.shifts import group_shifts
from warehouse.planbook.teams import group_teams

_TEMPLATES = Path(__file__).parent / "template"


def plan_book(night: BookNight) -> str:
    """The book as one HTML page without any reference to the network.

    Every number comes from the night's tables; figures carry their full value in `data-value`, so that sums can be checked.
    """
    glance = next_open_day(night.enterprise, night.forecast_daily, night.staffing_interval)
    by_day = {(row["level"], row["member_id"], row["business_date"]): row for row in night.forecast_daily.to_dict("records")}
    mondays, weeks = week_table(night)
    months, long_rows = long_range(night)
    capacity_months, capacity = group_capacity(night)
    first = min((row.business_date for row in glance), default=None)
    return _template().render(
        enterprise=night.enterprise,
        plan=night.plan,
        made_at=night.plan.made_at.astimezone(night.enterprise.zone),
        glance=glance,
        whole=next((row for row in glance if row.level == "enterprise"), None),
        forecasts=by_day,
        first_day=first,
        short=in_short(night, glance),
        grid=day_grid(night, first) if first is not None else None,
        detail=Markup(closer_look(night)),  # noqa: S704 - JSON with its angle brackets escaped
        outlooks=queue_outlooks(night),
        mondays=mondays,
        weeks=weeks,
        months=months,
        plan_changes=plan_changes(night),
        long_range=long_rows,
        groups=group_shifts(night),
        capacity=capacity,
        capacity_months=capacity_months,
        blends=blended_queues(night),
        audited=audited_queues(night),
        audited_days=audited_days(night),
        teams=group_teams(night),
        patient=patient_periods(night),
        chats=held_chats(night),
        audit_sentence=audit_sentence(night),
        leads=leads(night),
        driver_leads=driver_leads(night),
        claims=claims_chart(night),
        claims_told=claims_told(night),
        deferred=deferred_days(night, glance),
        accuracy=accuracy_rows(night),
        accuracy_leads=LEADS,
        accuracy_weeks=WEEKS,
        misses=miss_list(night),
        planned_changes=planner_changes(night),
        deadlines=deadlines_in_words(night),
        stages=stage_checks(night),
        failed=failed_checks(night),
        found=findings(night),
        warned=warned(night),
        held_days=sum(len(one.days) for one in held(night)),
        aside=put_aside(night),
        changes=night.source_changes.sort_values(
            ["mapped", "source_system", "landing_file", "column_name"], ascending=[False, True, True, True]
        ).to_dict("records"),
        style=Markup((_TEMPLATES / "plan_book.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        script=Markup((_TEMPLATES / "plan_book.js").read_text(encoding="utf-8")),  # noqa: S704 - our own file
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    for name in ("number", "percent", "minutes", "day_long", "day_short", "drivers", "span", "signed"):
        environment.filters[name] = getattr(words, name)
    return environment.get_template("plan_book.html.j2")
