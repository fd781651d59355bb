"""What staged rows of a table are, whenever they were staged."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.intake import Batch, Intake, Piece
from etl.intake import Staged as StagedTable
from etl.sources.staged import Staged
from etl.sources.staged_keys import StagedKeys
from etl.sources.staged_rows import StagedRows
from etl.staging import staged_path
from warehouse.lake import Lake
from warehouse.tables.core import SURVEYS

NIGHT = date(2026, 11, 12)
GIVEN = {
    "business_date": NIGHT,
    "respondent_kind": "customer",
    "score": 4.0,
    "scale_maximum": 5.0,
    "answered_at": datetime(2026, 11, 12, 9, tzinfo=UTC),
    "topic": "service",
    "source_system": "crm",
    "landing_row": 1,
}


def staged_in(folder: Path, *without: tuple[str, ...]) -> tuple[Lake, Intake]:
    """Batches of one survey each, staged without some columns."""
    lake, intake = Lake(str(folder)), Intake()
    for place, missing in enumerate(without):
        file = f"file{place}"
        given = GIVEN | {"survey_id": f"s{place}", "landing_file": file}
        rows = pa.Table.from_pylist([given], schema=SURVEYS.arrow_schema).drop_columns(list(missing))
        path = Path(staged_path(lake.root, "crm", f"batch{place}", SURVEYS.name))
        path.parent.mkdir(parents=True)
        pq.write_table(rows, path)
        intake.pieces.append(Piece(NIGHT, place, file, file, 1, file, 1, ""))
        intake.batches.append(Batch(NIGHT, f"batch{place}", "1", [file], {SURVEYS.name: StagedTable(1, NIGHT, NIGHT)}, []))
    return lake, intake


@pytest.mark.parametrize("without", [(("topic",), ()), ((), ("topic",)), (("topic",), ("topic",))])
def test_a_column_declared_since_some_rows_were_staged_is_missing_in_these(
    tmp_path: Path, without: tuple[tuple[str, ...], ...]
) -> None:
    lake, intake = staged_in(tmp_path, *without)
    staged = Staged(lake, {"crm": intake}, [NIGHT])
    change = StagedRows(staged, StagedKeys(lake, staged)).change(SURVEYS)
    staged.close()
    found = {row["survey_id"]: row["topic"] for row in change.rows[0].to_pylist()}
    assert found == {f"s{place}": None if missing else "service" for place, missing in enumerate(without)}
