"""A night of a small demo by the DAGs' own tasks, watched: which tables each task reads and writes, and all that is logged.

Started as a program in a folder with `enterprise.toml`: `python -m tests.support.watched_nights ANSWER LOG NIGHT ...`.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from enterprise.settings import load_enterprise
from tests.support.dag_runs import dags, run_dag
from tests.support.more_queues import with_more_queues
from tests.support.touched import touching
from warehouse.database import connected, warehouse_url
from warehouse.job import migrate_warehouse

_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
SHARED_OUT = ("forecast_queues", "merge_forecast", "staff_queues", "merge_staffing")


def main(answer: Path, log: Path, nights: Sequence[date]) -> None:
    """Run the nights; of the last one also the tasks of many queues, by settings that share out what there is."""
    known = dags()
    keep_what_is_logged(log)
    folder, config = Path.cwd(), Path(os.environ["LEADLINE_CONFIG"])
    enterprise = load_enterprise(config, os.environ, folder)
    migrate_warehouse(enterprise)
    seen: dict[str, dict[str, list[str]]] = {}

    @contextmanager
    def watch(dag_id: str, key: str, task_id: str) -> Iterator[None]:
        started = time.process_time()
        with touching() as touched, filling(enterprise) as filled:
            yield
        print(f"{dag_id}.{task_id} {time.process_time() - started:.1f} s", flush=True)
        one = seen.setdefault(task_id if dag_id == "nightly_plan" else dag_id, {"read": [], "written": [], "published": []})
        for name, tables in {"read": touched.read, "written": touched.written, "published": filled()}.items():
            one[name] = sorted({*one[name], *tables})

    states: dict[str, dict[str, str]] = {}
    for night in nights:
        for source in enterprise.sources:
            states[f"extract_{source}"] = run_dag(known[f"extract_{source}"], str(night), watch)
        states["nightly_plan"] = run_dag(known["nightly_plan"], str(night), watch)
    answer.write_text(json.dumps({"touched": seen, "states": states}))
    shared = config.read_text().replace("[schedule]", "[schedule]\nqueues_per_task = 1", 1)
    config.write_text(with_more_queues(shared, 20))  # what is shared out are blocks, and a block has up to twenty queues
    many = dags()["nightly_plan"]
    keep_what_is_logged(log)
    states["shared_out"] = run_dag(many, str(nights[-1]), watch, only=SHARED_OUT)
    answer.write_text(json.dumps({"touched": seen, "states": states}))


def keep_what_is_logged(log: Path) -> None:
    """Have everything that is logged from now on in a file: Airflow, once loaded, has its own way with handlers."""
    root = logging.getLogger()
    root.addHandler(logging.FileHandler(log))
    root.setLevel(logging.DEBUG)


@contextmanager
def filling(enterprise: Any) -> Iterator[Callable[[], set[str]]]:
    """Gives, afterwards, the warehouse's tables into which rows were put while the block lasted."""
    before = _rows_ever_written(enterprise)
    after: dict[str, int] = {}
    yield lambda: {name for name, rows in after.items() if rows > before.get(name, 0)}
    after |= _rows_ever_written(enterprise)


def _rows_ever_written(enterprise: Any) -> dict[str, int]:
    """Per table the rows that it, or its partitions, hold."""
    with connected(warehouse_url(enterprise.storage)) as connection:
        names = connection.execute(_TABLES).fetchall()
        return {name: connection.execute(f'SELECT count(*) FROM public."{name}"').fetchall()[0][0] for (name,) in names}


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [date.fromisoformat(word) for word in sys.argv[3:]])
