"""Goals: the definitions are the enterprise's own words."""

from __future__ import annotations

from typing import get_args

import pytest

from enterprise.queues import GoalDefinition
from staffing.goals import Goal, definition_code


def test_every_definition_that_settings_allow_for_live_work_is_known() -> None:
    live = set(get_args(GoalDefinition)) - {"completed_within"}
    assert len({definition_code(name) for name in live}) == len(live)


def test_an_unknown_definition_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="no service level is defined as 'asa'"):
        Goal(answered_fraction=0.8, definition="asa")  # type: ignore[arg-type]
