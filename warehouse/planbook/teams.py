"""The book's teams: what groups need whose teams share queues, between people of its own for each queue and one team for all."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.planbook.night import BookNight
from warehouse.planbook.words import is_missing


@dataclass(frozen=True, slots=True)
class GroupTeams:
    """A group with teams, over the whole plan; hours of people at work.

    Attributes:
        name: the group.
        teams: who can take what, in words.
        siloed_hours: if every queue had people of its own.
        hours: with the teams as they are: what the shifts cover.
        pooled_hours: if everybody could take every call.
        sharing: how much of the way from the first to the last the teams come.
        audited: intervals that were simulated at length.
        missed: of these, those in which a queue missed its goal.
        worst: how far the worst queue lay above its goal in the worst of them, in points; None without any.
    """

    name: str
    teams: str
    siloed_hours: float
    hours: float
    pooled_hours: float
    sharing: float
    audited: int
    missed: int
    worst: float | None

    @property
    def saved_share(self) -> float:
        """Hours that sharing saves, as a share of what queues with people of their own would take."""
        return 1.0 - self.hours / self.siloed_hours if self.siloed_hours > 0 else 0.0


def group_teams(night: BookNight) -> list[GroupTeams]:
    """One per group with teams, in the order of the settings."""
    length, found = night.enterprise.interval_minutes / 60, []
    for key, group in night.enterprise.staff_groups.items():
        rows = night.staff_group_interval[night.staff_group_interval["staff_group"] == key]
        if rows.empty:
            continue
        margins = rows["simulated_goal_margin"].dropna()
        names = [
            f"{round(100 * team.share)} % {' and '.join(night.queue_name(queue) for queue in team.queues)}"
            for team in group.teams.values()
        ]
        worst = None if margins.empty else 100 * float(margins.min())
        found.append(
            GroupTeams(
                name=group.name,
                teams=", ".join(names),
                siloed_hours=length * float(rows["siloed_positions"].sum()),
                hours=length * float(rows["positions"].sum()),
                pooled_hours=length * float(rows["pooled_positions"].sum()),
                sharing=float(rows["sharing_fraction"].iloc[0]),
                audited=len(margins),
                missed=int((margins < 0).sum()),
                worst=None if is_missing(worst) else worst,
            )
        )
    return found
