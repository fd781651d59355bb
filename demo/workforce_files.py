"""Workforce files: agents.csv, schedules-YYYY-MM.csv (plans) and activities-YYYY-MM.csv (what the back office logged).

A schedule row's activity is the queue id the agent is planned on, or break, lunch, meeting. Activities are logged by
back-office agents only (email, cases, claims): the switch and Connect log the others. An agent who fell ill has a schedule and no
activity. Schedules reach four weeks beyond the last day: they are published that far ahead. Times are local with offset,
``YYYY-MM-DDTHH:MM:SS+01:00``.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np

from demo.clock import PLANNED_AHEAD_DAYS, Clock, IntArray
from demo.names import SITES, agent_ids, user_ids
from demo.presence import KINDS, Spans
from demo.queues import QUEUES
from demo.text import Text, choose, cut, join, local_stamp
from demo.world import World

AGENT_HEADER = "agent_id,site,skills,contract_hours_per_week,hourly_cost_eur,hired_on,left_on,acd_login,crm_user_id\n"
SCHEDULE_HEADER = "agent_id,activity,starts_at,ends_at\n"
ACTIVITY_HEADER = "agent_id,activity_code,started_at,ended_at\n"
_LOCAL = "YYYY-mm-ddTHH:MM:SS"
_SECOND_SKILL = {
    "voice_claims": "voice_service", "voice_service": "voice_billing", "voice_sales": "chat_sales",
    "voice_billing": "voice_service", "voice_roadside": "voice_claims", "chat_service": "voice_service",
    "chat_sales": "voice_sales", "email_claims": "claims_motor", "email_service": "cases_policy",
    "cases_complaints": "email_service", "cases_policy": "email_service", "claims_motor": "claims_property",
    "claims_property": "claims_motor",
}  # fmt: skip
_HOURLY_COST = {"voice": 31.5, "chat": 30.5, "email": 32.0, "cases": 34.0, "claims": 39.0}


def _activity_names() -> list[str]:
    """Names by queue index for work, then break, lunch, meeting."""
    return [*(spec.queue_id for spec in QUEUES), *KINDS[1:]]


def _activity(spans: Spans) -> Text:
    return choose(_activity_names(), np.where(spans.kind == 0, spans.queue, len(QUEUES) - 1 + spans.kind))


def _write_monthly(folder: Path, clock: Clock, kind: str, header: str, lines: Text, moment: IntArray) -> None:
    months = [(day.year, day.month) for day in clock.days]
    ahead = PLANNED_AHEAD_DAYS if kind == "schedules" else 0
    written = range(clock.first, clock.last + ahead + 1)
    starts = [day for day in written if day == clock.first or months[day] != months[day - 1]]
    edges = np.searchsorted(moment, np.append(clock.midnight[starts], clock.midnight[written[-1] + 1]), side="left")
    for day, content in zip(starts, cut(lines, edges), strict=True):
        (folder / "workforce" / f"{kind}-{clock.days[day]:%Y-%m}.csv").write_bytes(header.encode() + content)


def _write_agents(world: World, folder: Path) -> int:
    people, clock = world.people, world.clock
    rows = [AGENT_HEADER]
    first = clock.days[0]
    numbers = np.arange(1, len(people.hired) + 1, dtype=np.int64)
    users = user_ids(numbers).to_pylist()
    for position, (name, user) in enumerate(zip(agent_ids(numbers).to_pylist(), users, strict=True)):
        if people.hired[position] > clock.last + PLANNED_AHEAD_DAYS or 0 <= people.left[position] < clock.first:
            continue
        post = int(people.post_of_agent[position])
        spec = QUEUES[int(people.queue[post])]
        proficiency = 1.0 - 0.05 * (position * 7 % 5)
        skills = f"{spec.queue_id}:{proficiency:.2f}"
        if position % 3 == 0:
            skills += f";{_SECOND_SKILL[spec.queue_id]}:{proficiency - 0.15:.2f}"
        hired = first + timedelta(days=int(people.hired[position]))
        left_on = first + timedelta(days=int(people.left[position]) - 1) if people.left[position] >= 0 else None
        cost = _HOURLY_COST[spec.channel] + 0.25 * (position % 13)
        rows.append(
            f"{name},{SITES[int(people.site[position])]},{skills},{int(people.contract_hours[post])},{cost:.2f},"
            f"{hired},{left_on if left_on and left_on <= clock.days[clock.last] else ''},Agent/{name},{user}\n"
        )
    (folder / "workforce" / "agents.csv").write_text("".join(rows), encoding="utf-8", newline="")
    return len(rows) - 1


def write_workforce(world: World, folder: Path) -> int:
    """Write agents, schedules and activities; returns the number of schedule rows."""
    clock, spans = world.clock, world.spans
    (folder / "workforce").mkdir(parents=True)
    _write_agents(world, folder)
    order = np.lexsort((spans.agent, spans.begin))
    planned = spans.take(order)
    planned = planned.take(planned.until > planned.begin)  # a break in the hour that clocks skip takes no time
    lines = join(
        agent_ids(planned.agent), ",", _activity(planned), ",", local_stamp(planned.begin, clock, _LOCAL, colon=True), ",",
        local_stamp(planned.until, clock, _LOCAL, colon=True), "\n",
    )  # fmt: skip
    _write_monthly(folder, clock, "schedules", SCHEDULE_HEADER, lines, planned.begin)
    back_office = np.array([spec.channel not in ("voice", "chat") for spec in QUEUES])[spans.queue]
    done = spans.take(back_office & ~spans.absent & (spans.actual_until < clock.end))
    done = done.take(np.lexsort((done.agent, done.actual_begin)))
    lines = join(
        agent_ids(done.agent), ",", _activity(done), ",", local_stamp(done.actual_begin, clock, _LOCAL, colon=True), ",",
        local_stamp(done.actual_until, clock, _LOCAL, colon=True), "\n",
    )  # fmt: skip
    _write_monthly(folder, clock, "activities", ACTIVITY_HEADER, lines, done.actual_begin)
    return int((planned.begin >= clock.midnight[clock.first]).sum())
