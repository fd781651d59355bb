"""Source systems -> landing -> core -> history: what the night calls, step by step."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd
import pyarrow as pa

from enterprise.errors import NeedsPersonError, NoHistoryError
from enterprise.memory import only_new_garbage, steady_memory
from enterprise.settings import Enterprise
from enterprise.sources import AsteriskQueueLog
from enterprise.timing import grid_of
from etl.accounting import landing_accounts
from etl.ahead import made_ahead
from etl.put_aside import PutAside, accounts_anew, dated
from etl.source_changes import source_changes
from etl.sources.core_partitions import apply, apply_parts, replace_while_made
from etl.sources.customers import Customers
from etl.sources.deferred_work import DeferredWork
from etl.sources.health import health_of
from etl.sources.history_marks import history_marks
from etl.sources.history_rows import HistoryRows
from etl.sources.landing_new import land_new
from etl.sources.link_keys import sweep_link_keys
from etl.sources.readers import reader_of
from etl.sources.reads import noted, require_any_read, source_reads
from etl.sources.reports import give_up, report
from etl.sources.reread import nothing_put_aside, put_aside_rows, read_again
from etl.sources.staged import Staged
from etl.sources.staged_activities import activity_changes
from etl.sources.staged_calls import StagedCalls
from etl.sources.staged_keys import StagedKeys
from etl.sources.staged_rows import StagedRows, row_changes
from etl.sources.staging_unread import stage_unread
from etl.sources.state import CONFORMED, HISTORY, STITCHED, is_kept, keep_intake, keep_state, read_intake, read_state
from etl.sources.undecided import sweep_undecided
from etl.sources.workstream_rows import WorkstreamRows, stitching_of
from etl.stitching import from_state
from expectations.gate import require_valid
from warehouse.lake import Lake, Written
from warehouse.overrides.night import as_planned
from warehouse.scratch import scratch_room
from warehouse.tables.declaration import Table
from warehouse.tables.history import BACKLOG_OPENING
from warehouse.tables.run import LANDING_FILES, QUARANTINE, SOURCE_CHANGES, SOURCE_READS
from warehouse.tables.workstreams import WORKSTREAM_LINKS, WORKSTREAMS

_LEFTOVER_SECONDS = 86_400.0
"""Nobody writes at one file for longer: what is older was left by a process that was killed."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What an extraction took in.

    Args:
        source: name of the source.
        pieces: pieces that belong to the night.
        rows_in: rows read from them.
        rows_quarantined: rows of them put aside.
    """

    source: str
    pieces: int
    rows_in: int
    rows_quarantined: int


@noted
@steady_memory()
def extract_source(source_name: str, business_date: date, enterprise: Enterprise, lake: Lake) -> Extracted:
    """Land what is new of a source, type it and stage it.

    Repeating it lands nothing twice; a kill at any point is mended by repeating it.

    Raises:
        SourceUnreachableError: if the source does not answer.
        NeedsPersonError: if it never had any file, or its form changed.
    """
    settings = enterprise.sources[source_name]
    reader = reader_of(settings)
    intake = read_intake(lake, source_name)
    present = max(datetime.now(UTC), grid_of(enterprise).cut_off(business_date).to_pydatetime()).astimezone(enterprise.zone)
    landed = made_ahead(land_new(source_name, settings, reader, business_date, present, intake, lake))
    stage_unread(source_name, settings, reader, intake, enterprise, lake, business_date, landed=landed)
    keep_intake(lake, source_name, intake)  # last: it speaks only of what is in place
    counts = [count for batch in intake.batches if batch.night == business_date for count in batch.counts]
    rows_in, rows_quarantined = sum(count.rows_in for count in counts), sum(count.rows_quarantined for count in counts)
    return Extracted(source_name, len(counts), rows_in, rows_quarantined)


def report_source(source_name: str, business_date: date, lake: Lake, started: datetime) -> bool:
    """Note that the extraction of a source ended, well or not; returns whether the night still waits for it.

    Args:
        source_name: the source.
        business_date: the night.
        lake: where that is noted.
        started: when the extraction was started: one that was given up before is asked for anew.
    """
    return report(source_name, business_date, lake, started)


def give_up_source(source_name: str, business_date: date, lake: Lake, cutoff: datetime) -> bool:
    """Note that the night goes ahead without a source that has not reported; returns False if it has.

    Args:
        source_name: the source.
        business_date: the night.
        lake: where that is noted.
        cutoff: when the night stopped waiting, by the clock that starts extractions: that of another machine may be wrong.
    """
    return give_up(source_name, business_date, lake, cutoff)


@scratch_room()
@steady_memory()
def conform_night(business_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Make core out of what was staged, for this night and any earlier one that was left undone.

    Returns:
        The partitions written.

    Raises:
        NeedsPersonError: if no source could be read for the night.
        AccountingError: if the rows of a landed file do not add up.
        InvalidTableError: if rows do not match their declaration.
    """
    lake.sweep(before=time.time() - _LEFTOVER_SECONDS)
    intakes = {name: read_intake(lake, name) for name in enterprise.sources}
    customers = Customers(lake, enterprise.privacy, require_valid)
    done = customers.still_done(read_state(lake, CONFORMED), CONFORMED)
    nights = {night for intake in intakes.values() for night in intake.nights()}
    took_in = {name: intake.fingerprints() for name, intake in intakes.items()}
    marks = {night: {name: keys.get(night, "") for name, keys in took_in.items()} for night in nights | {business_date}}
    due = sorted(night for night in marks if night == business_date or done.get(night.isoformat()) != marks[night])
    reads = source_reads(lake, enterprise.sources, business_date)
    written = [_replace(lake, SOURCE_READS, reads, business_date)]
    require_any_read(reads, business_date)
    staged = Staged(lake, intakes, due)
    rows = StagedRows(staged, StagedKeys(lake, staged))
    changes = row_changes(rows, enterprise.sources)
    put_aside = PutAside(staged.nights_of_files())
    activity_changes(lake, staged, enterprise.sources, changes, put_aside)
    for name, settings in enterprise.sources.items():
        if isinstance(settings, AsteriskQueueLog):
            written += apply_parts(lake, changes, StagedCalls(staged, lake, name, settings).changes(put_aside), customers.passed)
    quarantine = {night: [*rows.quarantine(night), *put_aside.quarantine(night)] for night in due}
    staged.close()
    accounts = {night: landing_accounts(night, intakes, staged.repeated, put_aside.counts()) for night in due}
    for night in due:
        written.append(_replace(lake, LANDING_FILES, accounts[night], night))
        written.append(_replace(lake, QUARANTINE, dated(quarantine[night], night), night))
        written.append(_replace(lake, SOURCE_CHANGES, source_changes(night, intakes), night))
    for night in sorted(put_aside.concerned() - set(due)):
        written += _put_aside_anew(lake, night, put_aside)
    for table, change in changes.items():
        written += apply(lake, table, change, customers.passed)
    done |= {night.isoformat(): marks[night] for night in due}
    keep_state(lake, CONFORMED, done)
    customers.keep()
    return written


def reread_rows(source_name: str, rule: str, night: date | None, enterprise: Enterprise, lake: Lake) -> pd.DataFrame:
    """Read the landed files again from which rows of a source were put aside, and make core of them.

    Args:
        source_name: the source.
        rule: rule that put rows aside; "" for all rules.
        night: night on which they were put aside; None for every night.
        enterprise: the settings, corrected.
        lake: where landing, staging and core are.

    Returns:
        Per `rule` and `business_date` (the night): `rows_before` and `rows_after`, how many lay and lie in quarantine.

    Raises:
        NeedsPersonError: if the settings have no such source, or nothing of it was put aside.
    """
    if source_name not in enterprise.sources:
        raise NeedsPersonError(f"there is no source {source_name}; known: {', '.join(enterprise.sources)}")
    settings, intake, before = enterprise.sources[source_name], read_intake(lake, source_name), put_aside_rows(lake, source_name)
    chosen = before[((before["rule"] == rule) | (not rule)) & ((before["business_date"] == night) | (night is None))]
    if chosen.empty:
        raise NeedsPersonError(nothing_put_aside(source_name, before))
    last_night, again = max(map(date.fromisoformat, read_state(lake, CONFORMED))), frozenset(chosen["landing_file"])
    stage_unread(source_name, settings, reader_of(settings), intake, enterprise, lake, last_night, again=again)
    keep_intake(lake, source_name, intake)
    conform_night(last_night, enterprise, lake)
    return read_again(chosen, put_aside_rows(lake, source_name))


@scratch_room()
@steady_memory()
@only_new_garbage()
def build_history_night(business_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Make history of core, as known at the night's cut-off, for the dates that are due; and the backlog the plan starts from.

    Returns:
        The partitions written.

    Raises:
        NoHistoryError: if core holds nothing up to the night.
    """
    made = read_state(lake, HISTORY)
    work = DeferredWork(lake, enterprise, business_date, made)
    marks = history_marks(lake, business_date, enterprise, work.digests)
    if not marks:
        raise NoHistoryError(
            f"core holds nothing up to {business_date}; look whether the sources have data of that time, "
            "then run extract and conform"
        )
    due = [day for day, mark in marks.items() if made.get(day.isoformat()) != mark or day == business_date]
    rows = HistoryRows(lake, as_planned(enterprise, lake, business_date), due, business_date, work)
    written = replace_while_made(lake, rows.made(), require_valid)
    opening = rows.opening()
    rows.close()
    written.append(_replace(lake, BACKLOG_OPENING, opening, business_date))
    made |= {day.isoformat(): marks[day] for day in due} | work.states
    keep_state(lake, HISTORY, made)
    return written


@scratch_room()
@steady_memory()
def stitch_night(business_date: date, enterprise: Enterprise, lake: Lake) -> list[Written]:
    """Stitch contacts, mails, cases and claims into workstreams, as known at the night's cut-off.

    Returns:
        The partitions written: those that changed.

    Raises:
        AccountingError: if an item of core would be in no workstream, or in several.
    """
    stitching, noted_before = stitching_of(lake, business_date, enterprise), read_state(lake, STITCHED)
    before = from_state(noted_before)
    if stitching == before:
        return []
    changed_items, changed_events = stitching.changed_since(before)
    rows = WorkstreamRows(lake, enterprise, business_date, changed_items, changed_events, noted_before)
    made = {WORKSTREAM_LINKS: rows.links(), WORKSTREAMS: rows.workstreams()}
    to_note = rows.to_note()
    keep_state(lake, STITCHED, {})  # a stitch that is cut off from here on is made again as a whole
    parts = ((table, news, dates) for table, some in made.items() for news, dates in some)
    replaced = [lake.replace_partitions(table, require_valid(table, news), also=dates) for table, news, dates in parts]
    rows.close()
    keep_state(lake, STITCHED, stitching.to_state() | to_note)
    sweep_link_keys(lake, to_note["keys"]["segments"])
    sweep_undecided(lake, to_note["undecided"])
    return [one for written in replaced for one in written]


def is_first_night(lake: Lake) -> bool:
    """Whether nothing was ever conformed into this lake: all history that the sources hold is still to be loaded."""
    return not is_kept(lake, CONFORMED)


def source_health(source_name: str, enterprise: Enterprise) -> str:
    """What a source offers just now, in words; nothing is landed.

    Raises:
        SourceUnreachableError: if the source does not answer.
        NeedsPersonError: if it offers nothing that can be read.
    """
    return health_of(source_name, enterprise.sources[source_name])


def _replace(lake: Lake, table: Table, rows: pa.Table, partition: date | None) -> Written:
    return lake.replace(table, require_valid(table, rows), partition)


def _put_aside_anew(lake: Lake, night: date, put_aside: PutAside) -> list[Written]:
    """Mend the accounts of an earlier night of which later files say more; the accounts first: quarantine tells it is done."""
    before = lake.read_arrow(QUARANTINE, first=night, last=night)
    quarantine = put_aside.quarantine_anew(night, before)
    if quarantine is before:
        return []
    accounts = accounts_anew(lake.read_arrow(LANDING_FILES, first=night, last=night), quarantine)
    return [_replace(lake, LANDING_FILES, accounts, night), _replace(lake, QUARANTINE, quarantine, night)]
