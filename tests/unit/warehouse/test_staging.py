"""Rows as COPY takes them."""

import pyarrow as pa

from warehouse.staging import as_csv


def test_a_day_without_rows_between_others_adds_nothing() -> None:
    schema = pa.schema([("queue_id", pa.string()), ("offered_contacts", pa.int64())])
    days = [pa.table({"queue_id": ["voice"] * count, "offered_contacts": [7] * count}, schema=schema) for count in (2, 0, 1)]
    assert as_csv(pa.concat_tables(days)) == b'"voice",7\n' * 3
    assert as_csv(days[1]) == b""


def test_empty_text_is_not_a_missing_value() -> None:
    assert as_csv(pa.table({"name": ["", None, 'a "b", c']})) == b'""\n\n"a ""b"", c"\n'
