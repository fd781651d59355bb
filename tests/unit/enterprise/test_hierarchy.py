"""Levels of the enterprise are named once."""

from enterprise.hierarchy import LEVELS_ABOVE, WHOLE_ENTERPRISE, QueuePlace
from warehouse.tables.columns import LEVEL


def test_every_level_has_a_member_for_a_queue() -> None:
    place = QueuePlace(channel="voice", line_of_business="claims", site="north")
    assert [place.member_of(level) for level in LEVELS_ABOVE] == ["voice", "claims", "north", WHOLE_ENTERPRISE]


def test_tables_allow_the_queue_and_every_level_above_it() -> None:
    assert LEVEL.allowed == ("queue", *LEVELS_ABOVE)
