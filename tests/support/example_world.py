"""The example enterprise, and what the frames of its nights have in common: dates, shapes and levels."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from enterprise.settings import Enterprise, load_enterprise
from warehouse.publish import Stamp

ROOT = Path(__file__).parents[2]
PLAN_DATE = date(2026, 11, 12)
STAMP = Stamp("0.1.0", "0123456789abcdef", datetime(2026, 11, 13, 1, 30, tzinfo=UTC))
PER_DAY = {"voice": 900.0, "chat": 260.0, "email": 420.0, "cases": 120.0, "claims": 180.0}
SPREAD = {"q05": -1.645, "q10": -1.282, "q25": -0.674, "q50": 0.0, "q75": 0.674, "q90": 1.282, "q95": 1.645}


def example_enterprise(folder: Path, database: str = "leadline", url: str = "embedded") -> Enterprise:
    """The enterprise of config/enterprise.toml with its lake, plan book and server below `folder`."""
    enterprise = load_enterprise(ROOT / "config" / "enterprise.toml", {}, folder)
    storage = enterprise.storage.model_copy(update={"warehouse_database": database, "warehouse_url": url})
    return enterprise.model_copy(update={"storage": storage})


def weekday_factor(day: date) -> float:
    return (1.25, 1.1, 1.0, 0.98, 0.95, 0.45, 0.3)[day.weekday()]


def wave_of(queue_id: str, lead: int) -> float:
    return 90.0 * np.exp(-((lead - 2) ** 2) / 6) if queue_id in ("voice_claims", "email_claims") else 0.0


def with_quantiles(frame: pd.DataFrame) -> pd.DataFrame:
    mean, handle = frame["mean_offered_contacts"], frame["mean_handle_seconds"]
    deviation = np.sqrt(mean + (0.08 * mean) ** 2)
    columns: dict[str, Any] = {f"offered_contacts_{q}": np.maximum(mean + z * deviation, 0) for q, z in SPREAD.items()}
    columns |= {f"mean_handle_seconds_{q}": handle * (1 + 0.03 * z) for q, z in SPREAD.items()}
    return frame.assign(**columns)


def with_levels(frame: pd.DataFrame, enterprise: Enterprise) -> pd.DataFrame:
    """The rows once per level of the enterprise, with level and member_id."""
    queues = enterprise.queues.values()
    above = {
        "line_of_business": {queue.id: queue.line_of_business for queue in queues},
        "site": {queue.id: queue.site for queue in queues},
    }
    return pd.concat(
        [
            frame.assign(level="queue", member_id=frame["queue_id"]),
            frame.assign(level="channel", member_id=frame["channel"]),
            *(frame.assign(level=level, member_id=frame["queue_id"].map(member_of)) for level, member_of in above.items()),
            frame.assign(level="enterprise", member_id="all"),
        ],
        ignore_index=True,
    )
