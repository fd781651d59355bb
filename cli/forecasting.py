"""`leadline forecast-file` and `leadline backtest-file`: a file in, a forecast out, without settings."""

from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.session import out, plain_errors, say
from enterprise.errors import NeedsPersonError

if TYPE_CHECKING:
    from forecasting.files.job import Place

HistoryOption = Annotated[
    Path,
    typer.Option(help="CSV or Parquet: queue, timestamp, contacts at any regular interval from 5 minutes to a day."),
]
DriversOption = Annotated[
    Path | None, typer.Option(help="CSV or Parquet: date, driver, value; claims, mailings, web traffic, weather and the like.")
]
CountryOption = Annotated[str | None, typer.Option(help="ISO code whose public holidays count, such as NL or US.")]
SubdivisionOption = Annotated[str | None, typer.Option(help="State or province of the country, such as BY with DE.")]
ZoneOption = Annotated[
    str, typer.Option("--timezone", help="Zone in which days begin; timestamps without offset are local to it.")
]


def forecast_file(
    history: HistoryOption,
    as_of: Annotated[str, typer.Option(help="First date of the forecast; nothing of this date or later is read.")],
    result: Annotated[Path, typer.Option("--out", help="File to write, CSV or Parquet by its ending.")],
    horizon: Annotated[int, typer.Option(help="Days to forecast.")] = 28,
    drivers: DriversOption = None,
    country: CountryOption = None,
    subdivision: SubdivisionOption = None,
    time_zone: ZoneOption = "UTC",
) -> None:
    """Forecast the queues of a file: a mean and quantiles per day and, if the history is finer, per interval."""
    from forecasting.files.job import forecast_file as forecast

    with plain_errors():
        made = forecast(history, _date(as_of), horizon, result, drivers, _place(country, subdivision, time_zone))
        for note in made.notes:
            say(f"Note: {note}.")
        queues = made.rows["queue"].nunique()
        say(f"Wrote {len(made.rows):,} rows of {queues:,} queue{'' if queues == 1 else 's'} to {result}.")
        if made.kernels_file is not None:
            used = made.kernels.loc[made.kernels["verdict"].str.startswith("Used"), ["driver", "queue"]].drop_duplicates()
            pairs = len(made.kernels[["driver", "queue"]].drop_duplicates())
            say(
                f"Wrote the drivers' kernels to {made.kernels_file}: {len(used)} of {pairs} relations of driver and queue "
                "are used."
            )


def backtest_file(
    history: HistoryOption,
    origins: Annotated[int, typer.Option(help="How many past as-of dates to forecast from.")] = 12,
    step_days: Annotated[int, typer.Option(help="Days between them.")] = 7,
    horizon: Annotated[int, typer.Option(help="Days to forecast from each.")] = 28,
    as_of: Annotated[
        str | None, typer.Option(help="Nothing of this date or later is read; without it the whole file is.")
    ] = None,
    result: Annotated[Path | None, typer.Option("--out", help="File to write the table to, CSV or Parquet.")] = None,
    drivers: DriversOption = None,
    country: CountryOption = None,
    subdivision: SubdivisionOption = None,
    time_zone: ZoneOption = "UTC",
) -> None:
    """Forecast a file from many past dates and print how good champion and candidates were, by days ahead."""
    from forecasting.files.job import backtest_file as backtest

    with plain_errors():
        until = None if as_of is None else _date(as_of)
        place = _place(country, subdivision, time_zone)
        scores = backtest(history, origins, step_days, horizon, until, result, drivers, place)
        table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
        for name in ("model", "days\nahead"):
            table.add_column(name)
        for name in ("WAPE %", "bias %", "pinball", "80 % band\nholds %", "days"):
            table.add_column(name, justify="right")
        models = list(dict.fromkeys(scores["model"]))
        for model in models:
            own = scores[scores["model"] == model]
            for place_in_model, row in enumerate(own.itertuples()):
                table.add_row(
                    model if place_in_model == 0 else "",
                    str(row.lead_band),
                    _shown(row.wape_percent, 2),
                    _shown(row.bias_percent, 2, sign=True),
                    _shown(row.pinball, 3),
                    _shown(row.coverage_80_percent, 0),
                    f"{row.days:,}",
                    style="bold" if model == "champion" else "",
                    end_section=place_in_model == len(own) - 1,
                )
        out.print(table)
        if result is not None:
            say(f"Wrote the table to {result}.")


def _place(country: str | None, subdivision: str | None, time_zone: str) -> "Place":
    from forecasting.files.job import Place

    return Place(country, subdivision, time_zone)


def _date(text: str) -> date:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise NeedsPersonError(f"as-of date {text!r} is no date; expected year-month-day such as 2026-11-12") from error
    if moment.time() != time.min or moment.tzinfo is not None:
        raise NeedsPersonError(
            f"as-of date {text!r} has a time of day or a zone; whole local days are forecast: name the date alone, such as "
            f"{moment.date()}, before which everything is read"
        )
    return moment.date()


def _shown(value: float, digits: int, *, sign: bool = False) -> str:
    if value != value:  # not a number: nothing was there to measure
        return "-"
    return f"{value:+,.{digits}f}" if sign else f"{value:,.{digits}f}"
