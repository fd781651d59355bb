"""How a staff group's people come and go: leavers, recruiting, training and the learning curve of new people."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from enterprise.model import Settings


class Hiring(Settings):
    """What the capacity plan of a staff group assumes."""

    full_time_equivalents: Annotated[float, Field(gt=0)] | None = None
    """People there now, in full-time equivalents; if not given, those whom the workforce source names."""
    agreed_starts: dict[date, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """First day -> people who have signed and begin then, full time."""
    attrition_per_year: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Share of the people who leave within a year; if not given, counted from the last year's leavers, drawn to 15 %."""
    recruiting_weeks: Annotated[int, Field(ge=0, le=52)] = 8
    """From the decision to hire to the first day."""
    training_weeks: Annotated[int, Field(ge=0, le=52)] = 4
    """Weeks from the first day in which no work is done."""
    learning_weeks: Annotated[int, Field(ge=0, le=104)] = 8
    """Weeks after the training until new people do what others do."""
    first_week_productivity: Annotated[float, Field(gt=0, le=1)] = 0.5
    """What new people do in the first week after their training, as a share of what others do; it rises evenly to 1."""
    class_every_weeks: Annotated[int, Field(ge=1, le=26)] = 4
    """New people begin together, every so many weeks."""
    class_size_at_most: Annotated[int, Field(ge=1)] | None = None
    """Most people who can begin together."""
    cost_per_hire: Annotated[float, Field(ge=0)] = 0.0
    """Cost of recruiting and training one person, beside the pay."""

    @property
    def weeks_to_full_work(self) -> int:
        """Weeks from the decision to hire until new people do what others do."""
        return self.recruiting_weeks + self.training_weeks + self.learning_weeks
