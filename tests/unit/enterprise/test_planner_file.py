"""Tables in files of a planner's own: what is read, what is refused, and that a file appears whole or not at all."""

from pathlib import Path

import pandas as pd
import pytest

from enterprise.errors import NeedsPersonError
from enterprise.planner_file import kind_to_write, read_table, write_table

ROWS = pd.DataFrame({"queue": ["a", "b"], "contacts": [1, 2]})


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_what_was_written_is_read_again_and_nothing_stays_beside_it(tmp_path: Path, name: str) -> None:
    write_table(ROWS, tmp_path / name)
    read = read_table(tmp_path / name, "a table")
    pd.testing.assert_frame_equal(read.astype({"contacts": "int64"}), ROWS)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_any_usual_delimiter_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes("\ufeffqueue;contacts\na;1,5\n".encode())
    assert read_table(tmp_path / "rows.csv", "a table").to_dict("list") == {"queue": ["a"], "contacts": ["1,5"]}


def test_broken_lines_are_an_error_unless_the_caller_bears_them(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"queue,contacts\na,1,234\nb\n\xff,3, ,\n")
    with pytest.raises(NeedsPersonError, match=r"cannot be read: .* expected one row per queue"):
        read_table(path, "one row per queue")
    read = read_table(path, "one row per queue", bear_broken_lines=True)
    assert read.to_dict("list") == {"queue": ["a", "b", "\ufffd"], "contacts": ["1,234", "", "3"]}, "no number without its end"


def test_a_file_that_is_no_table_or_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(NeedsPersonError, match=r"rows\.xlsx: expected a name that ends with \.csv or \.parquet"):
        read_table(tmp_path / "rows.xlsx", "a table")
    (tmp_path / "rows.parquet").write_bytes(b"no Parquet")
    with pytest.raises(NeedsPersonError, match=r"rows\.parquet cannot be read"):
        read_table(tmp_path / "rows.parquet", "a table")
    with pytest.raises(NeedsPersonError, match=r"rows\.csv cannot be written.*name another file or mend the folder"):
        write_table(ROWS, tmp_path / "nowhere" / "rows.csv")


def test_a_file_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(NeedsPersonError) as told:
        read_table(tmp_path / "rows.csv", "a table")
    assert str(told.value) == f"{tmp_path / 'rows.csv'} cannot be read: No such file or directory; expected a table"


def test_a_column_that_pandas_kept_as_index_is_a_column_again(tmp_path: Path) -> None:
    rows = pd.DataFrame({"queue": ["a", "a"], "day": ["2026-11-01", "2026-11-02"], "contacts": [1, 2]})
    rows.set_index("day").to_parquet(tmp_path / "rows.parquet")
    rows[rows["contacts"] > 1].to_parquet(tmp_path / "filtered.parquet")
    assert sorted(read_table(tmp_path / "rows.parquet", "a table").columns) == ["contacts", "day", "queue"]
    assert list(read_table(tmp_path / "filtered.parquet", "a table").columns) == ["queue", "day", "contacts"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_by_the_mark_it_begins_with(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "rows.csv").write_text("queue\tcontacts\nZ\u00fcrich\t3\n", encoding=encoding)
    assert read_table(tmp_path / "rows.csv", "a table").to_dict("list") == {"queue": ["Z\u00fcrich"], "contacts": ["3"]}


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").touch()
    with pytest.raises(NeedsPersonError, match=r"rows\.csv is empty; expected a table"):
        read_table(tmp_path / "rows.csv", "a table")


def test_a_missing_folder_is_told_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(
        NeedsPersonError, match=r"nowhere.rows\.csv cannot be written: there is no folder .*nowhere; make it or name"
    ):
        kind_to_write(tmp_path / "nowhere" / "rows.csv")
    assert kind_to_write(Path("rows.parquet")) == ".parquet"
