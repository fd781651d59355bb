"""`leadline plan`: the published plans, what changed between two, and which one is in force."""

import getpass
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.services import embedded_server
from cli.session import ConfigOption, open_session, out, plain_errors, say
from enterprise.settings import Enterprise

if TYPE_CHECKING:
    from warehouse.plans import Chosen
    from warehouse.published import PlanVersion

app = typer.Typer(help="List published plans, compare two, and choose the one in force.", no_args_is_help=True)

ByOption = Annotated[str, typer.Option(help="Who decides; kept beside the plan.", default_factory=getpass.getuser)]
ReasonOption = Annotated[str, typer.Option(help="Why; kept beside the plan.")]
_MEASURES = (
    ("mean_offered_contacts", "contacts", 0),
    ("staff_hours", "staff hours", 1),
    ("peak_scheduled_staff", "peak staff", 0),
)


@app.command("list")
def list_plans(
    newest: Annotated[int, typer.Option(min=1, help="How many of the newest plans to show.")] = 20, config: ConfigOption = None
) -> None:
    """List the newest published plans, with who put them in force or took them out."""
    from warehouse import job

    with _warehouse(config) as enterprise:
        plans = job.list_plans(enterprise, newest)
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name in ("plan", "status", "made (UTC)", "checks failed", "Leadline", "decision"):
        table.add_column(name, justify="right" if name == "checks failed" else "left")
    for plan in plans.to_dict("records"):
        table.add_row(
            f"{plan['plan_date']}.{plan['version']}",
            plan["status"],
            f"{plan['made_at']:%Y-%m-%d %H:%M}",
            str(plan["checks_failed"]),
            plan["code_version"],
            plan["decision"],
            style="bold" if plan["status"] == "current" else "",
        )
    out.print(table)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="A plan: 2026-11-12 (its newest version), 2026-11-12.2, or current.")],
    after: Annotated[str, typer.Argument(help="The plan to compare with it.")] = "current",
    level: Annotated[str, typer.Option(help="queue, channel, line_of_business, site or enterprise.")] = "queue",
    member: Annotated[str | None, typer.Option(help="Only this queue, channel or line of business.")] = None,
    config: ConfigOption = None,
) -> None:
    """Show what changed between two published plans, day by day."""
    from warehouse import job

    with _warehouse(config) as enterprise:
        plan, other, changed = job.compare_plans(enterprise, before, after)
    rows = changed[(changed["level"] == level) & (changed["member_id"].eq(member) if member else True)]
    if rows.empty:
        say(f"{_name(plan)} and {_name(other)} say the same{f' about {member}' if member else ''} at the level {level}.")
        return
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), title=f"{_name(plan)} -> {_name(other)}")
    for name in (level, "day", *(words for _, words, _ in _MEASURES)):
        table.add_column(name, justify="left" if name in (level, "day") else "right")
    for row in rows.to_dict("records"):
        cells = (_change(row, name, decimals) for name, _, decimals in _MEASURES)
        table.add_row(str(row["member_id"]), f"{row['business_date']:%a %d %b %Y}", *cells)
    out.print(table)


@app.command()
def promote(
    plan: Annotated[str, typer.Argument(help="The plan to put in force: 2026-11-12 (its newest version) or 2026-11-12.2.")],
    reason: ReasonOption,
    by: ByOption,
    config: ConfigOption = None,
) -> None:
    """Put a published plan in force."""
    from warehouse import job

    with _warehouse(config) as enterprise:
        _tell(job.promote_plan(enterprise, plan, by, reason), "superseded")


@app.command()
def rollback(reason: ReasonOption, by: ByOption, config: ConfigOption = None) -> None:
    """Reject the plan in force and go back to the one before it."""
    from warehouse import job

    with _warehouse(config) as enterprise:
        _tell(job.roll_back_plan(enterprise, by, reason), "rejected")


@contextmanager
def _warehouse(config: Path | None) -> Iterator[Enterprise]:
    """The settings, for commands that ask the warehouse: errors in plain words, and the embedded server only for as long."""
    with plain_errors():
        session = open_session(config)
        with embedded_server(session.folders):
            yield session.enterprise


def _tell(chosen: "Chosen", now: str) -> None:
    say(f"{_name(chosen.now)} is in force; {_name(chosen.former)} is {now}. The next night publishes its own plan as ever.")


def _name(plan: "PlanVersion") -> str:
    return f"{plan.plan_date}.{plan.version}"


def _change(row: Mapping[Hashable, float], name: str, decimals: int) -> str:
    """Before and after with the change, or which side does not plan the day."""
    before, after, change = (row[f"{name}_{part}"] for part in ("before", "after", "change"))
    if change != change:  # a missing number equals nothing, not even itself
        return "only before" if after != after and before == before else "only after" if after == after else ""
    return f"{before:,.{decimals}f} -> {after:,.{decimals}f} ({change:+,.{decimals}f})"
