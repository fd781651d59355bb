"""What the tasks of a mapped step hand to the one that puts their parts together, besides rows of the step's own tables.

Nobody else reads these: they are in no data dictionary and not published. They lie in the lake as `warehouse.parts` keeps them.
"""

from __future__ import annotations

from warehouse.tables.columns import BUSINESS_DATE, LEAD_DAYS, QUEUE_ID, day, number, seconds, text
from warehouse.tables.declaration import Table

FORECAST_SPREAD = Table(
    "forecast_spread",
    layer="forecast",
    grain="one queue and one day",
    meaning="What the levels above a queue need to know of it besides its rows.",
    key=(QUEUE_ID, BUSINESS_DATE),
    columns=(
        number("extra_variation", "squared fraction", "Squared coefficient of variation of the day's contacts beyond Poisson."),
        seconds("handle_seconds", "Mean handle time, not rounded."),
        number("handle_spread", "log seconds", "Standard deviation of the logarithm of the day's true mean handle time."),
    ),
)

BACKTEST_ERROR = Table(
    "backtest_error",
    layer="forecast",
    grain="one queue, one night of the backtest and one lead",
    meaning="How far the champion would have been off, in standard deviations: how queues stray together.",
    key=(QUEUE_ID, day("origin_date", "Last day that was known."), LEAD_DAYS),
    columns=(number("standard_error", "standard deviations", "What came less what was forecast.", minimum=None),),
)

CHAMPION_CHANGE = Table(
    "champion_change",
    layer="forecast",
    grain="one queue and one day",
    meaning="What another champion than the last plan's changes.",
    key=(QUEUE_ID, BUSINESS_DATE),
    columns=(
        number("contacts", "contacts", "Change of the mean.", minimum=None),
        text("words", "Which champion instead of which."),
    ),
)

STAFFING_WARNING = Table(
    "staffing_warning",
    layer="staffing",
    grain="one queue without people of tonight's making",
    meaning="Why no people could be worked out for a queue.",
    key=(QUEUE_ID,),
    columns=(text("words", "Why."),),
)
