"""What claims and other drivers announce, as the book shows it: kernels as charts, and every verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from warehouse.planbook.charts import Bar, bar_chart
from warehouse.planbook.night import BookNight
from warehouse.planbook.words import number


@dataclass(frozen=True, slots=True)
class Lead:
    """What claims of one class, or another driver, announce for one queue.

    Attributes:
        queue: name of the queue.
        driver: what announces, in words.
        verdict: the verdict.
        used: whether the plan used it.
        contacts_to_come: contacts still to come from what is known.
        explained_fraction: share of the queue's contacts that it explains.
        chart: contacts per claim or unit by days after it.
    """

    queue: str
    driver: str
    verdict: str
    used: bool
    contacts_to_come: float
    explained_fraction: float
    chart: Markup


def leads(night: BookNight) -> list[Lead]:
    """One per queue and claim class, those used first."""
    return _leads(night, night.claims_lead, "claim_class", "contacts_per_claim", lambda name: (f"{name} claims", f"{name} claim"))


def driver_leads(night: BookNight) -> list[Lead]:
    """One per queue and driver of the settings, those used first."""

    def named(driver: str) -> tuple[str, str]:
        settings = night.enterprise.drivers.get(driver)
        name = driver if settings is None else settings.name
        return name, f"unit of {name}"

    return _leads(night, night.driver_lead, "driver", "contacts_per_unit", named)


def _leads(
    night: BookNight, kernels: pd.DataFrame, of: str, contacts: str, named: Callable[[str], tuple[str, str]]
) -> list[Lead]:
    found = []
    for (queue_id, driver), rows in kernels.sort_values("lag_days").groupby(["queue_id", of]):
        lags = rows.to_dict("records")
        queue, (name, unit) = night.queue_name(str(queue_id)), named(str(driver))
        bars = [
            Bar(
                str(row["lag_days"]),
                f"{row['lag_days']} days later: {number(row[contacts], 3)} contacts per {unit}, 90 % interval "
                f"{number(row[f'{contacts}_low'], 3)} to {number(row[f'{contacts}_high'], 3)}",
                row[contacts],
                row[f"{contacts}_low"],
                row[f"{contacts}_high"],
                "wave",
            )
            for row in lags
        ]
        first, total = lags[0], sum(row[contacts] for row in lags)
        words = f"by days after it; together {number(total, 3)} contacts per {unit}"
        chart = bar_chart(f"Contacts per {unit} on {queue}", words, bars, height=130)
        to_come, explained = float(first["contacts_to_come"]), float(first["explained_fraction"])
        found.append(Lead(queue, name, str(first["verdict"]), bool(first["used"]), to_come, explained, chart))
    return sorted(found, key=lambda lead: (not lead.used, -lead.contacts_to_come, lead.queue, lead.driver))
