"""Spans of agents' activities out of the staged events of workforce files: what tonight's files change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.sources import Source, WorkforceFiles
from etl.activity_events import ACTIVITY_EVENTS, Activities, activities_of, changed_dates
from etl.core import Change
from etl.intake import Batch
from etl.intake import Staged as StagedTable
from etl.put_aside import Judged, PutAside
from etl.sources.staged import Staged
from warehouse.lake import Lake
from warehouse.tables.core import AGENT_STATES
from warehouse.tables.declaration import Table

RULE = "end_without_beginning"
_REASON = "nothing of this kind began in the day before, in any file so far; it is taken back when such a file comes"
_DAYS = 2
"""A span lasts a day at most, which with the clocks' changes may touch three dates."""
_EVENTS_SQL = """
SELECT * EXCLUDE (occurred_at, file_first_at, file_last_at), epoch_us(occurred_at) AS occurred_at
FROM activity_events SEMI JOIN event_days USING (business_date) JOIN received USING (landing_file)
"""
_DELIVERIES_SQL = """
SELECT DISTINCT landing_file, place, sequence, is_new, epoch_us(file_first_at) AS first_us, epoch_us(file_last_at) AS last_us
FROM activity_events JOIN received USING (landing_file)
"""


def activity_changes(
    lake: Lake, staged: Staged, sources: Mapping[str, Source], changes: dict[Table, Change], put_aside: PutAside
) -> None:
    """Add to the changes of core what new events of workforce files make of agents' states, and note the ends that end nothing.

    Args:
        lake: where core lies.
        staged: everything staged, and which of it is new.
        sources: the enterprise's sources.
        changes: what else changes: a span given as a span stays as it is.
        put_aside: takes the ends without a beginning.
    """
    for name, settings in sources.items():
        if isinstance(settings, WorkforceFiles) and staged.batches(ACTIVITY_EVENTS.name):
            change = _StagedActivities(lake, staged, name).change(changes.get(AGENT_STATES, Change()), put_aside)
            if change.dates:
                changes.setdefault(AGENT_STATES, Change()).add(change)


class _StagedActivities:
    """Staged events of one source."""

    def __init__(self, lake: Lake, staged: Staged, source_system: str) -> None:
        self._lake = lake
        self._staged = staged
        self._source_system = source_system
        pieces = staged.pieces(source_system)
        columns = [(piece.landing_file, piece.place, piece.sequence, piece.night in staged.nights) for piece in pieces]
        names = ("landing_file", "place", "sequence", "is_new")
        staged.connection.register("received", pa.table(dict(zip(names, zip(*columns, strict=True), strict=True))))

    def change(self, given: Change, put_aside: PutAside) -> Change:
        """What the new events change, given what else changes in AGENT_STATES."""
        new = self._new_dates()
        if not new:
            return Change()
        events, deliveries = self._on(_around(new, 2 * _DAYS))
        now = activities_of(events, deliveries)
        earlier = activities_of(events[~events["is_new"]], deliveries[~deliveries["is_new"]])
        self._staged.count_repeated_lines(self._source_system, now.repeated)
        changed = {day for day in changed_dates(earlier, now) if isinstance(day, date)}
        further = _around(changed, 2 * _DAYS)
        if not further <= _around(new, 2 * _DAYS):
            events, deliveries = self._on(further)
            now = activities_of(events, deliveries)
        dates = _around(changed, _DAYS)
        ends = now.ends[now.ends["business_date"].isin(dates)]
        put_aside.judge(Judged(self._source_system, AGENT_STATES.name, RULE, _REASON, ends.rename(columns={"alone": "aside"})))
        return self._differing(now, dates, given)

    def _differing(self, now: Activities, dates: Collection[date], given: Change) -> Change:
        """The dates on which core does not say what the events say now."""
        wanted = pa.array(sorted(dates), pa.date32())
        files = pa.array(now.events["landing_file"].unique().tolist(), pa.string())
        core = [self._lake.read_arrow(AGENT_STATES, first=day, last=day) for day in self._there(dates)]
        before = pa.concat_tables([AGENT_STATES.arrow_schema.empty_table(), *core])
        ours = pc.and_(
            pc.equal(before.column("source_system"), self._source_system), pc.is_in(before.column("landing_file"), files)
        )
        derived, others = before.filter(ours), before.filter(pc.invert(ours))
        keys = AGENT_STATES.key_names
        spans = now.spans.filter(pc.is_in(now.spans.column("business_date"), wanted))
        for given_rows in (others, *given.rows):
            spans = spans.join(given_rows.select(keys), keys=keys, join_type="left anti") if given_rows.num_rows else spans
        spans = spans.select(AGENT_STATES.column_names)
        differ = _dates_that_differ(derived, spans)
        on_them = pa.array(sorted(differ), pa.date32())
        rows, gone = (each.filter(pc.is_in(each.column("business_date"), on_them)) for each in (spans, derived))
        return Change(rows=[rows.cast(AGENT_STATES.arrow_schema)], keys=[gone.select(keys)], dates=differ)

    def _there(self, dates: Collection[date]) -> list[date]:
        wanted = set(dates)
        return [day for day in self._lake.partitions(AGENT_STATES, min(wanted), max(wanted)) if day in wanted] if wanted else []

    def _new_dates(self) -> set[date]:
        """Dates of the new events, and of those that stood where a file was delivered again."""
        self._view([batch for batch in self._batches() if batch[1].night in self._staged.nights])
        connection = self._staged.connection
        found = connection.execute("SELECT DISTINCT business_date FROM activity_events").fetchall()
        new = {day for (day,) in found}
        if not new:
            return set()
        spanned = connection.sql(_DELIVERIES_SQL).to_arrow_table()
        self._view([one for one in self._batches() if _overlap(one[1].tables[ACTIVITY_EVENTS.name], min(new), max(new))])
        connection.register("spanned", spanned)
        replaced = connection.execute(
            "SELECT DISTINCT business_date FROM activity_events JOIN received USING (landing_file) JOIN spanned USING (place) "
            "WHERE received.sequence < spanned.sequence AND epoch_us(occurred_at) BETWEEN first_us AND last_us"
        ).fetchall()
        return new | {day for (day,) in replaced}

    def _on(self, dates: Collection[date]) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Events of some dates, and the files that span a part of that time."""
        first, last = min(dates), max(dates)
        self._view([one for one in self._batches() if _overlap(one[1].tables[ACTIVITY_EVENTS.name], first, last)])
        connection = self._staged.connection
        connection.register("event_days", pa.table({"business_date": pa.array(sorted(dates), pa.date32())}))
        events, deliveries = (connection.sql(sql).to_arrow_table().to_pandas() for sql in (_EVENTS_SQL, _DELIVERIES_SQL))
        return events, deliveries

    def _batches(self) -> list[tuple[str, Batch]]:
        return [(source, batch) for source, batch in self._staged.batches(ACTIVITY_EVENTS.name) if source == self._source_system]

    def _view(self, batches: list[tuple[str, Batch]]) -> None:
        if batches:
            relation = self._staged.scan(batches, ACTIVITY_EVENTS.name)
        else:
            relation = self._staged.connection.from_arrow(ACTIVITY_EVENTS.arrow_schema.empty_table())
        relation.create_view("activity_events", replace=True)


def _dates_that_differ(before: pa.Table, after: pa.Table) -> set[date]:
    names = AGENT_STATES.column_names
    both = pa.concat_tables([each.select(names).cast(AGENT_STATES.arrow_schema) for each in (before, after)])
    alike = both.group_by(names).aggregate([([], "count_all")])
    return set(pc.unique(alike.filter(pc.equal(alike.column("count_all"), 1)).column("business_date")).to_pylist())


def _around(dates: Collection[date], days: int) -> set[date]:
    return {day + timedelta(days=step) for day in dates for step in range(-days, days + 1)}


def _overlap(one: StagedTable, first: date, last: date) -> bool:
    return one.first is not None and one.last is not None and one.first <= last and one.last >= first
