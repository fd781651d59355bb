"""Interval reports (CSV) as ACD systems export them for people: Avaya CMS, Genesys, Five9 and others, by a mapping of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from enterprise.errors import SettingsError
from enterprise.report_sources import IntervalReport
from etl.business_dates import business_dates
from etl.parsed import LandedFile, Parsed, ReadContext
from etl.report_values import report_durations, report_numbers, starts_in_order
from etl.screen import Screen
from etl.sources.sheets import Form, Sheets, read_sheets
from etl.typed import unreadable
from warehouse.tables.core import INTERVAL_REPORTS

_MINUTE_US = 60_000_000
_LONGEST_MEAN_SECONDS = 86_400.0
_STRAY_SHARE = 0.2
"""From this share of rows on that begin between the intervals, the report is of another interval length."""
_TELLING_STARTS = 12
"""So many different starts that all lie on a coarser grid show a report of longer intervals."""

Flags = npt.NDArray[np.bool_]


def read(settings: IntervalReport, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    """Read interval reports.

    A row of the report is a row of INTERVAL_REPORTS, keyed by its own interval and its own name of the queue, so that a report
    of shorter intervals, or of several queues that are one in the settings, adds up in history, and a corrected row replaces just
    itself. Rows of totals are put aside with rule `total_row`. Local times on the day clocks go back are told apart by their
    order; the skipped hour is put aside. An equal row for an equal interval is an exact duplicate.

    Raises:
        SettingsError: if the report's intervals are longer than the enterprise's, or no part of them.
        SourceChangedError: if a file lacks a mapped column, naming it and the columns it has.
        SourceUnreachableError: if landing cannot be read.
    """
    grid_minutes = context.grid.interval_minutes
    if grid_minutes % settings.interval_minutes:
        raise SettingsError(
            f"sources.{context.source_system}.interval_minutes is {settings.interval_minutes}, the grid's is {grid_minutes}; "
            "what a longer interval counts cannot be told apart; have the report exported by "
            f"{grid_minutes} minutes or a part of that, or set interval_minutes of the enterprise to that of the report"
        )
    return _read(settings, files, context)


def _read(settings: IntervalReport, files: Sequence[LandedFile], context: ReadContext) -> Parsed:
    columns = settings.columns
    single = [name for name in columns.model_dump().values() if isinstance(name, str) and name]
    needed = tuple(dict.fromkeys([*single, *columns.handle, *columns.mean_handle]))

    def convert(sheet: Sheets, screen: Screen) -> Mapping[str, Any]:
        return _Report(sheet, screen, settings, context).rows()

    form = Form(INTERVAL_REPORTS, settings.url, needed, convert, preamble_lines=settings.heading_lines, keep_repeats=True)
    return read_sheets([form], files, context)


class _Report:
    """The rows of some report files."""

    def __init__(self, sheet: Sheets, screen: Screen, settings: IntervalReport, context: ReadContext) -> None:
        self._sheet = sheet
        self._screen = screen
        self._settings = settings
        self._context = context
        self._empty = pa.array([word.casefold() for word in settings.empty_words], pa.string())

    def rows(self) -> Mapping[str, Any]:
        """The table's columns; what is no row of it is rejected."""
        queue, start_text = self._queue(), self._start_text()
        self._reject_totals(queue, start_text)
        queue_id = self._queue_id(queue)
        start = self._starts(queue, start_text)
        counts = self._counts()
        handle = self._in_all(self._settings.columns.handle, self._settings.columns.mean_handle, counts["answered"])
        columns = {
            "queue_id": queue_id,
            "interval_start_utc": start,
            "reported_as": pc.binary_join_element_wise(f"{self._context.source_system}:", queue, ""),
            "business_date": business_dates(self._context.grid, start),
            **{f"{name}_contacts": values for name, values in counts.items()},
            "handle_seconds": handle,
            "wait_seconds": self._wait(counts),
        }
        longest = pc.multiply(pc.max_element_wise(counts["offered"], 1), _LONGEST_MEAN_SECONDS)
        for name in ("handle_seconds", "wait_seconds"):
            self._screen.reject(
                pc.greater(columns[name], longest),
                "absurd_duration",
                f"{name} is more than a day per contact; look whether sources.{self._context.source_system}.durations is right",
            )
        return columns

    def _column(self, name: str) -> pa.Array:
        text = self._sheet.column(name) if name else pa.nulls(self._sheet.rows, pa.string())
        return pc.if_else(pc.is_in(pc.utf8_lower(text), self._empty, skip_nulls=True), pa.scalar(None, pa.string()), text)

    def _queue(self) -> pa.Array:
        """The report's name of the queue; where it has no such column, the only one in the settings."""
        if self._settings.columns.queue:
            return self._column(self._settings.columns.queue)
        return pa.array([next(iter(self._settings.queues))] * self._sheet.rows, pa.string())

    def _start_text(self) -> pa.Array:
        columns = self._settings.columns
        if columns.interval_start:
            return self._column(columns.interval_start)
        first = pc.replace_substring_regex(
            self._column(columns.time), r"\s*[-\x{2013}]\s*\d.*$".replace("\\x{2013}", "\u2013"), ""
        )
        return pc.binary_join_element_wise(self._column(columns.date), first, " ")

    def _reject_totals(self, queue: pa.Array, start_text: pa.Array) -> None:
        words = pa.array([word.casefold() for word in self._settings.total_words], pa.string())
        for text in (queue, start_text):
            first_word = pc.utf8_lower(pc.replace_substring_regex(text, r"[ :]*\d*[ :\d/.-]*$", ""))
            is_total = pc.or_(pc.is_null(text), pc.is_in(first_word, words, skip_nulls=True))
            self._screen.reject(is_total, "total_row", "the row sums up others (no queue or time of its own); left out by rule")

    def _queue_id(self, queue: pa.Array) -> pa.Array:
        known = self._settings.queues
        places = pc.index_in(pc.utf8_lower(queue), pa.array([name.strip().casefold() for name in known], pa.string()))
        queue_id = pa.array(list(known.values()), pa.string()).take(places)
        where = f"sources.{self._context.source_system}.queues"
        self._screen.reject(
            pc.is_null(queue_id),
            "unknown_queue",
            lambda row: f"queue {queue[row].as_py()!r} is not among {where} ({', '.join(known)[:200]}); add it there",
        )
        return queue_id

    def _starts(self, queue: pa.Array, text: pa.Array) -> pa.Array:
        """Starts of the intervals; repeated rows are told from the hour that comes twice."""
        screen, settings = self._screen, self._settings
        names = pc.fill_null(pc.utf8_lower(queue), "").dictionary_encode().indices.to_numpy(zero_copy_only=False)
        series = screen.file_of * (int(names.max(initial=0)) + 1) + names
        zone = settings.time_zone or self._context.grid.time_zone
        start, before = starts_in_order(text, settings.time_format, zone, series)
        form = settings.time_format or "2026-11-12 08:30"
        screen.reject(
            unreadable(text, start),
            "unreadable_time",
            lambda row: f"{text[row].as_py()!r} is no time of {zone} in the form {form} (or the hour that clocks skip)",
        )
        self._reject_other_lengths(start, zone)
        offsets = np.cumsum([0, *(len(part.records) for part in self._sheet.parts)])
        equal = np.zeros(self._sheet.rows, dtype=bool)
        for part, offset in zip(self._sheet.parts, offsets[:-1], strict=True):
            equal[np.array(part.repeats, dtype=np.int64) + offset] = True
        screen.repeat(equal & (before > 0))
        return start

    def _reject_other_lengths(self, start: pa.Array, zone: str) -> None:
        """Reject what lies across the intervals, and whole files of another interval length than the settings say."""
        step = self._settings.interval_minutes
        frame = start.to_pandas()
        known = frame.notna().to_numpy()
        minutes = np.zeros(len(frame), dtype=np.int64)
        if known.any():
            local = frame[known].dt.tz_convert(zone)
            minutes[known] = (local.dt.hour * 60 + local.dt.minute).to_numpy()
            known_seconds = (local.dt.second.to_numpy() != 0) | (local.dt.microsecond.to_numpy() != 0)
            minutes[np.flatnonzero(known)[known_seconds]] = step * 1440 + 1  # never a start of an interval
        stray = known & (minutes % step != 0)
        length = f"sources.{self._context.source_system}.interval_minutes ({step})"
        for file in range(len(self._screen.files)):
            own = known & (self._screen.file_of == file) & self._screen.kept
            if own.any() and stray[own].mean() >= _STRAY_SHARE:
                reason = f"rows of the file begin between intervals of {step} minutes; {length} is not the report's: mend it"
                self._screen.reject(own, "wrong_interval_length", reason)
            longer = 2 * step
            starts = np.unique(start.filter(pa.array(own & ~stray)).cast(pa.int64()).to_numpy(zero_copy_only=False))
            if len(starts) >= _TELLING_STARTS and 1440 % longer == 0 and not (minutes[own & ~stray] % longer).any():
                reason = (
                    f"no row of the file begins between intervals of {longer} minutes: the report is of longer ones than {length}"
                )
                self._screen.reject(own, "wrong_interval_length", reason)
        self._screen.reject(stray, "not_on_the_grid", f"the row begins between the intervals of {length}; mend it at the source")
        last = pc.add(start.cast(pa.int64()), step * _MINUTE_US - 1).cast(start.type)
        begins, ends = (self._context.grid.interval_start(values.to_pandas()).to_numpy() for values in (start, last))
        across = known & (begins != ends)
        reason = "the report's interval lies across two of the enterprise's; export it by the enterprise's clock"
        self._screen.reject(across, "not_on_the_grid", reason)

    def _counts(self) -> dict[str, pa.Array]:
        columns = self._settings.columns
        counts = {name: self._whole(getattr(columns, name)) for name in ("offered", "answered", "abandoned", "answered_within")}
        if not columns.offered:
            counts["offered"] = pc.add(counts["answered"], counts["abandoned"])
        if columns.answered_within_percent:
            counts["answered_within"] = self._share(columns.answered_within_percent, counts[self._settings.percent_of])
        self._screen.reject(pc.is_null(counts["offered"]), "missing_value", "the row does not say how many contacts were offered")
        ended = pc.add(pc.fill_null(counts["answered"], 0), pc.fill_null(counts["abandoned"], 0))
        self._screen.reject(
            pc.less(counts["offered"], ended),
            "more_ended_than_offered",
            "more contacts were answered and abandoned than offered; look how the report counts offered contacts",
        )
        self._screen.reject(
            pc.greater(counts["answered_within"], counts["answered"]),
            "more_in_time_than_answered",
            "more contacts were answered in time than answered; look at the mapping of the columns",
        )
        return counts

    def _whole(self, name: str) -> pa.Array:
        value = self._number(name)
        whole = pc.fill_null(pc.equal(value, pc.floor(value)), False)
        broken = pc.and_(pc.is_valid(value), pc.invert(whole))
        self._screen.reject(broken, "unreadable_number", f"{name} is no whole number; it counts contacts")
        return pc.if_else(whole, value, pa.scalar(None, pa.float64())).cast(pa.int64())

    def _number(self, name: str) -> pa.Array:
        text = self._column(name)
        value = report_numbers(text, self._settings.decimal, self._settings.thousands)
        return self._checked(name, text, value, "number")

    def _seconds(self, name: str) -> pa.Array:
        text, settings = self._column(name), self._settings
        value = report_durations(text, settings.durations, settings.decimal, settings.thousands)
        return self._checked(name, text, value, f"duration ({settings.durations})")

    def _checked(self, name: str, text: pa.Array, value: pa.Array, what: str) -> pa.Array:
        """The value; rows are rejected where it cannot be read, is negative or larger than any report's."""
        self._screen.reject(
            unreadable(text, value), "unreadable_number", lambda row: f"{name} {text[row].as_py()!r} is no {what} of the report"
        )
        wrong = pc.or_kleene(pc.less(value, 0), pc.greater(value, 1e12))
        self._screen.reject(wrong, "out_of_bounds", f"{name} is negative or absurdly large; mend it at the source")
        return pc.if_else(pc.fill_null(wrong, False), pa.scalar(None, pa.float64()), value)

    def _share(self, name: str, of: pa.Array) -> pa.Array:
        """Contacts that a percentage says; none where there was nobody to be counted."""
        text = pc.utf8_rtrim(self._column(name), "% ")
        percent = self._checked(name, text, report_numbers(text, self._settings.decimal, self._settings.thousands), "percentage")
        self._screen.reject(pc.greater(percent, 100), "out_of_bounds", f"{name} is above 100 %")
        counted = pc.round(pc.divide(pc.multiply(percent, of.cast(pa.float64())), 100.0)).cast(pa.int64(), safe=False)
        return pc.if_else(pc.fill_null(pc.equal(of, 0), False), pa.scalar(0, pa.int64()), counted)

    def _in_all(self, names: Sequence[str], mean_names: Sequence[str], contacts: pa.Array) -> pa.Array:
        """Sum of total columns, or of mean columns times the contacts; missing where none is mapped or one is empty."""
        if names:
            return _sum([self._seconds(name) for name in names])
        if not mean_names:
            return pa.nulls(self._sheet.rows, pa.float64())
        mean = _sum([self._seconds(name) for name in mean_names])
        total = pc.multiply(mean, contacts.cast(pa.float64()))
        return pc.if_else(pc.fill_null(pc.equal(contacts, 0), False), pa.scalar(0.0, pa.float64()), total)

    def _wait(self, counts: Mapping[str, pa.Array]) -> pa.Array:
        columns = self._settings.columns
        if columns.wait:
            return self._seconds(columns.wait)
        if not (columns.mean_wait_answered and columns.mean_wait_abandoned):
            return pa.nulls(self._sheet.rows, pa.float64())
        waits = (
            self._in_all((), (columns.mean_wait_answered,), counts["answered"]),
            self._in_all((), (columns.mean_wait_abandoned,), counts["abandoned"]),
        )
        return _sum(waits)


def _sum(parts: Sequence[pa.Array]) -> pa.Array:
    total = parts[0]
    for part in parts[1:]:
        total = pc.add(total, part)
    return total
