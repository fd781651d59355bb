"""Whatever a text file holds, reading it is no error, and every line and every value is accounted for."""

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.delimited import read_delimited
from etl.report_values import report_durations, report_numbers, starts_in_order
from etl.typed import cleaned, dates, epochs, flags, instants, numbers, unreadable

PARTS = st.sampled_from(
    [b"id,note\n", b"id;note\r\n", b"1,a\n", b"1,a\r\n", b'2,"a\nb"\n', b'3,"open\n', b'4,a"b\n', b"5\n", b"6,a,b\n", b",\n",
     b"\n", b"\r", b"id,note\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b'"', b'""', b'"""', b" ", b"x" * 140_000]
)  # fmt: skip
CONTENTS = st.lists(PARTS | st.binary(max_size=12), max_size=14).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(CONTENTS, st.integers(0, 3))
def test_every_line_of_a_delimited_file_belongs_to_a_row_or_is_broken(content: bytes, preamble: int) -> None:
    sheet = read_delimited(content, ["id", "note"], preamble_lines=preamble)
    kept = read_delimited(content, ["id", "note"], preamble_lines=preamble, keep_repeats=True)
    assert all(len(record) == len(sheet.header) for record in sheet.records)
    assert (len(kept.records), kept.duplicates) == (len(sheet.records) + sheet.duplicates, 0)
    assert len(kept.repeats) == sheet.duplicates
    spans = list(zip(kept.first_lines, kept.last_lines, strict=True))
    taken = [line for first, last in spans for line in range(first, last + 1)]
    assert len(taken) == len(set(taken)), "no line is part of two rows"
    assert not set(taken) & {one.line for one in kept.broken}, "no line is both a row and broken"
    if not kept.header:
        assert kept.broken
        assert not kept.records
        return
    # After the header every line that shows anything stands in a row, or is said to be broken, or follows on a broken one's.
    last_of_header = min(
        [first for first, _ in spans] + [one.line for one in kept.broken if one.line], default=len(kept.lines) + 1
    )
    known = set(taken) | {one.line for one in kept.broken}
    for number in range(last_of_header, len(kept.lines) + 1):
        if number not in known and kept.lines[number - 1].strip("\r\n"):
            assert any(one.line < number for one in kept.broken)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=6), min_size=2, max_size=2)
    )
)
def test_what_a_csv_writer_wrote_is_read_back(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["id", "note"], *rows])
    sheet = read_delimited(stream.getvalue().encode(), ["id", "note"], keep_repeats=True)
    wanted = [row for row in rows if row != ["id", "note"]]
    assert [[text.replace("\r\n", "\n") for text in row] for row in sheet.records] == [
        [text.replace("\r\n", "\n") for text in row] for row in wanted
    ]


TEXTS = st.lists(
    st.none()
    | st.text(max_size=12)
    | st.from_regex(r"[0-9+\-.,:TZ/ eE%]{0,24}", fullmatch=True)
    | st.datetimes().map(str)
    | st.datetimes().map(lambda at: at.isoformat() + "Z")
    | st.floats().map(str)
    | st.sampled_from(["9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30", "1e99", "-0", "١٢", "1_000", "nan", ":60"]),
    max_size=8,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(["UTC", "Europe/Amsterdam", "America/St_Johns", "Pacific/Apia"]))
def test_no_text_makes_a_column_fail_and_what_is_empty_stays_empty(texts: list[str | None], zone: str) -> None:
    text = cleaned(texts)
    columns = [
        instants(text, zone), dates(text), numbers(text), flags(text), epochs(text), report_numbers(text, ",", "."),
        report_numbers(text, ".", " "), report_durations(text, "hh:mm:ss", ".", ""), report_durations(text, "minutes", ".", ","),
        starts_in_order(text, "", zone, np.arange(len(text)))[0],
        starts_in_order(text, "%d/%m/%Y %H:%M", zone, np.zeros(len(text), dtype=np.int64))[0],
    ]  # fmt: skip
    for values in columns:
        assert len(values) == len(text)
        for given_text, value, bad in zip(
            text.to_pylist(), values.to_pylist(), unreadable(text, values).to_pylist(), strict=True
        ):
            assert (value is None) or (given_text is not None)
            assert bad == (given_text is not None and value is None)
