"""`leadline quality`: what the checks found in people's words, and held days that are right after all."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.markup import escape

from cli.session import ConfigOption, Session, open_session, out, plain_errors, say
from enterprise.errors import NeedsPersonError
from warehouse.local_state import locked

app = typer.Typer(no_args_is_help=True, help="What the checks of a night found, and what people decided about it.")

_Rule = Annotated[str, typer.Option(help="Rule that holds the day, as `leadline quality list` names it.")]
_Day = Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="The held day.")]
_Queue = Annotated[str, typer.Option(help="Queue that is held.")]
_Claims = Annotated[str, typer.Option(help="Instead of a queue: line of business whose claims are held.")]
_Rerun = Annotated[bool, typer.Option("--rerun", help="Run the last night again at once.")]
_COLOURS = {"stop": "bold red", "quarantine": "bold yellow", "warn": "bold"}


@app.command("list")
def list_findings(
    night: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The night; without it the last one.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Show what the checks of a night found about the last four weeks, and what the plan did about it."""
    from expectations.job import night_findings
    from warehouse.job import open_lake

    with plain_errors():
        session = open_session(config)
        day, found = night_findings(night.date() if night else None, session.enterprise, open_lake(session.enterprise))
    out.print(f"Night of {day}: {len(found)} finding(s)" if found else f"Night of {day}: all checks passed.")
    for line in found:
        out.print(f"\n[{_COLOURS[line.severity]}]{line.severity}[/] {escape(line.rule)}: {escape(line.touches)}", soft_wrap=True)
        for name, words in (("seen", line.reason), ("the plan", line.plan), ("next step", line.next_step)):
            say(f"  {name + ':':11}{escape(words)}")


@app.command()
def release(
    rule: _Rule,
    day: _Day,
    by: Annotated[str, typer.Option(help="Who says so.")],
    reason: Annotated[str, typer.Option(help="Why the day is right.")],
    queue: _Queue = "",
    claims: _Claims = "",
    rerun: _Rerun = False,
    config: ConfigOption = None,
) -> None:
    """Say that a held day is right after all: from then on the plan rests on it."""
    from expectations.job import release_day
    from warehouse.job import open_lake

    with plain_errors():
        session = open_session(config)
        kind, subject = _subject(queue, claims)
        night = release_day(rule, kind, subject, day.date(), by, reason, open_lake(session.enterprise))
        say(f"Released by {escape(by)}: {rule} of {kind} {subject} on {day:%Y-%m-%d}.")
    _again(session, night, rerun=rerun)


@app.command()
def revoke(
    rule: _Rule, day: _Day, queue: _Queue = "", claims: _Claims = "", rerun: _Rerun = False, config: ConfigOption = None
) -> None:
    """Take a release back: the day is held again."""
    from expectations.job import revoke_release
    from warehouse.job import open_lake

    with plain_errors():
        session = open_session(config)
        kind, subject = _subject(queue, claims)
        night = revoke_release(rule, kind, subject, day.date(), open_lake(session.enterprise))
        say(f"No longer released: {rule} of {kind} {subject} on {day:%Y-%m-%d}.")
    _again(session, night, rerun=rerun)


@app.command()
def reread(
    source: Annotated[str, typer.Option(help="Source whose rows were put aside.")],
    by: Annotated[str, typer.Option(help="Who has them read again.")],
    reason: Annotated[str, typer.Option(help="What was corrected: a rule, or the source's mapping in the settings.")],
    rule: Annotated[str, typer.Option(help="Rule that put them aside; without it all rules.")] = "",
    night: Annotated[
        datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Night that put them aside; without it all nights.")
    ] = None,
    rerun: _Rerun = False,
    config: ConfigOption = None,
) -> None:
    """Read rows that were put aside (in quarantine) again, after a rule or a mapping was corrected."""
    from etl.job import reread_rows
    from expectations.job import record_reread
    from warehouse.job import open_lake

    with plain_errors():
        if not by.strip() or not reason.strip():
            raise NeedsPersonError("say who has the rows read again and what was corrected: --by and --reason may not be empty")
        session = open_session(config)
        session.folders.state.mkdir(parents=True, exist_ok=True)
        with locked(session.folders.run_lock, busy="A run is under way; wait for its end, then read the rows again."):
            lake = open_lake(session.enterprise)
            found = reread_rows(source, rule, night.date() if night else None, session.enterprise, lake)
            by_night: dict[date, list[str]] = {}
            for row in found.to_dict("records"):
                by_night.setdefault(row["business_date"], []).append(row["rule"])
            last = record_reread(source, by_night, by, reason, lake)
        for row in found.to_dict("records"):
            back = row["rows_before"] - row["rows_after"]
            say(
                f"{source}, night of {row['business_date']}, {escape(row['rule'])}: of {row['rows_before']} row(s) put aside "
                f"{back} came back, {row['rows_after']} stay."
            )
    _again(session, last, rerun=rerun)


def show_flags(session: Session, plan_date: date) -> bool:
    """Say on which days a fresh plan does not rest, and why, and what is wrong beside it.

    Returns:
        Whether something failed in spite of the plan: a source that could not be read, or tables beside it that are wrong.
    """
    from expectations.job import night_findings
    from warehouse.job import open_lake

    _, found = night_findings(plan_date, session.enterprise, open_lake(session.enterprise))
    held = [line for line in found if line.action == "held"]
    if held:
        out.print("[bold yellow]Left out of this plan,[/] which rests on the good days before and says so:", soft_wrap=True)
    for line in held:
        say(f"  {escape(line.rule)}: {escape(line.touches)}: {escape(line.reason)}")
    if held:
        say("  More, and what to do: leadline quality list")
    beside = [line for line in found if line.severity == "stop" and line.action == "noted"]
    if beside:
        out.print("[bold yellow]Wrong beside the plan,[/] which does not rest on it:", soft_wrap=True)
    for line in beside:
        say(f"  {escape(line.rule)}: {escape(line.touches)}: {escape(line.reason)}")
    return bool(beside) or any(line.rule == "source_read" for line in found)


def _subject(queue: str, claims: str) -> tuple[str, str]:
    if bool(queue) == bool(claims):
        raise typer.BadParameter("give either --queue or --claims")
    return ("queue", queue) if queue else ("claims", claims)


def _again(session: Session, night: date, *, rerun: bool) -> None:
    if not rerun:
        say(f"The plan changes when the night is run again: leadline run --date {night}")
        return
    from cli.run import run

    run(datetime(night.year, night.month, night.day), session.config)  # noqa: DTZ001 - a date as the option gives it
