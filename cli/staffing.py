"""`leadline staff` and `leadline verify-staffing`: the staffing mathematics by itself, without a night."""

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.session import out, plain_errors, say

_SHOWN = 20


def staff(
    intervals: Annotated[
        Path,
        typer.Option(
            help="CSV or Parquet, a row per interval: contacts, interval_seconds, mean_handle_seconds, answered_fraction, "
            "answer_within_seconds; optional mean_patience_seconds, occupancy_cap, shrinkage, model (erlang_c, erlang_a, chat), "
            "service_level_definition, minimum_positions, concurrency, slowdown_per_extra_chat, hourly_cost."
        ),
    ],
    result: Annotated[Path, typer.Option("--out", help="File to write, CSV or Parquet by its ending.")],
) -> None:
    """Work out positions and people for the intervals of a file."""
    from staffing.files.job import staff_file

    with plain_errors():
        staffed = staff_file(intervals, result)
        say(
            f"Wrote {len(staffed)} intervals to {result}: at most {staffed['positions_required'].max()} positions, "
            f"{staffed['scheduled_staff'].max()} people, {staffed['staff_hours'].sum():,.1f} hours to schedule."
            if len(staffed)
            else f"Wrote {result}; {intervals} has no interval."
        )


def verify_staffing(
    cases: Annotated[
        Path | None, typer.Option(help="File (or folder of files) of cases with known answers; without it the built-in ones.")
    ] = None,
) -> None:
    """Compute cases with known answers; ends with 1 if any number is off by more than a millionth, or any whole number at all."""
    from staffing.files.job import verify_staffing as verify

    with plain_errors():
        answers = verify(cases)
    wrong = [answer for answer in answers if not answer.matches]
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for name in ("", "cases", "numbers", "mismatches", "largest\nrelative error"):
        table.add_column(name, justify="left" if not name else "right")
    kinds = list(dict.fromkeys(answer.kind for answer in answers))
    for kind in [*kinds, ""]:
        own = [answer for answer in answers if kind in ("", answer.kind)]
        table.add_row(
            kind or "all",
            str(len({answer.case for answer in own})),
            str(len(own)),
            str(sum(not answer.matches for answer in own)),
            f"{max(answer.relative_error for answer in own):.1e}",
            style="" if kind else "bold",
            end_section=kind == kinds[-1],
        )
    out.print(table)
    for answer in wrong[:_SHOWN]:
        say(f"{answer.case} {answer.output}: expected {_number(answer.expected)}, found {_number(answer.found)}")
    if len(wrong) > _SHOWN:
        say(f"and {len(wrong) - _SHOWN} more")
    if wrong:
        raise typer.Exit(1)


def _number(value: float | None) -> str:
    return "no finite value" if value is None else f"{value:.9g}"
