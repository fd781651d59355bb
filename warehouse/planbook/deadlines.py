"""The book's deadlines: in words, what an hour more to complete a day's work would save."""

from __future__ import annotations

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import day_long, number

_WORTH_SAYING = 0.05
_MOST = 12


def deadlines_in_words(night: BookNight) -> list[str]:
    """A sentence per queue and day whose deadline costs something, the earliest first, at most twelve."""
    rows = night.deadline_price.sort_values(["business_date", "queue_id"])
    currency = night.enterprise.planning.currency
    found = []
    for row in rows.to_dict("records"):
        saved = []
        if row["fewer_late_items"] >= _WORTH_SAYING:
            saved.append(f"{number(row['fewer_late_items'], 1)} items fewer would be late")
        if row["fewer_peak_positions"] >= _WORTH_SAYING:
            peak = number(row["peak_positions"], 1)
            saved.append(f"the peak of {peak} people at work would be lower by {number(row['fewer_peak_positions'], 1)}")
        if row["saved_staff_hours"] >= _WORTH_SAYING:
            saved.append(
                f"{number(row['saved_staff_hours'], 1)} hours less to schedule would do ({currency} {number(row['saved_cost'])})"
            )
        if saved:
            hours = f"{row['later_open_seconds'] / 3600:g}"
            more = f"{hours} business hour{'' if hours == '1' else 's'} more"
            which = f"{night.queue_name(row['queue_id'])}, {day_long(row['business_date'])}"
            found.append(f"{which}: if the {number(row['due_items'])} items due that day had {more}, {' and '.join(saved)}.")
    return found[:_MOST]
