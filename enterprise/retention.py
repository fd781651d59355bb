"""How long what the pipeline made is kept; without a setting everything is."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from enterprise.model import Settings


class Retention(Settings):
    """What may go, and when. What accuracy and audit need is kept whatever stands here (`warehouse.retention`)."""

    plan_interval_days: Annotated[int, Field(ge=200)] | None = None
    """Days after which a plan's rows per interval may go, in the warehouse by whole months; at least 200, so that every day a
    plan reaches (120 at most) is over, known and measured before its plan goes."""
    landing_days: Annotated[int, Field(ge=400)] | None = None
    """Days after which landed files are moved to `landing_archive_url`."""
    landing_archive_url: Annotated[str, Field(min_length=1)] | None = None
    """Folder (any fsspec URL) that keeps landed bytes for good: they are moved, never destroyed."""

    @model_validator(mode="after")
    def _an_archive_for_what_goes(self) -> Self:
        if self.landing_days is not None and self.landing_archive_url is None:
            raise ValueError("landing_days needs landing_archive_url: landed bytes are moved there, never destroyed")
        return self
