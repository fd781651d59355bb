import gzip
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from demo.acd_log import write_queue_log
from demo.clock import make_clock
from demo.connect_records import write_contact_records
from demo.dirt import SKEW_SECONDS, Dirt, plan_dirt


def test_the_planned_days_are_different_and_leave_the_last_three_alone() -> None:
    clock = make_clock(date(2024, 11, 11), date(2026, 11, 12))
    for seed in range(5):
        dirt = plan_dirt(clock, np.random.default_rng(seed))
        days = [
            day
            for day in (
                dirt.outage, dirt.late_file, dirt.late_rows, dirt.duplicate_file, dirt.skew, dirt.byte_order_mark,
                dirt.mixed_line_ends, *dirt.unknown_queue,
            )
            if day is not None
        ]  # fmt: skip
        assert len(days) == len(set(days)) >= 8
        assert max(days) < dirt.quiet_from == clock.last - 2
        assert clock.days[dirt.outage or 0] == date(2026, 3, 17)


def test_a_short_span_gets_no_file_level_dirt() -> None:
    dirt = plan_dirt(make_clock(date(2025, 1, 1), date(2025, 1, 20)), np.random.default_rng(1))
    assert dirt.outage is None
    assert dirt.unknown_queue == ()


def test_spoiled_lines_are_only_doubled_or_cut_and_all_are_listed() -> None:
    clock = make_clock(date(2025, 1, 1), date(2025, 1, 20))
    lines = [f"17313{index:05d}|sw1-17313{index:05d}.7|claims-line|NONE|ENTERQUEUE||10000001|1".encode() for index in range(5000)]
    content = b"head\n" + b"\n".join(lines) + b"\n"
    dirt = Dirt(line_fraction=0.01, quiet_from=99)
    out = dirt.spoil(content, "f", 15, clock, np.random.default_rng(2), header=1).split(b"\n")[:-1]
    doubled = sum(stain.kind == "duplicate_line" for stain in dirt.stains)
    known = set(lines)
    broken = [line for line in out[1:] if line not in known]
    assert out[0] == b"head"
    assert doubled > 20
    assert len(broken) == len(dirt.stains) - doubled > 10
    assert all(line.count(b"|") < 4 for line in broken)
    assert len(out) == 5001 + doubled


def test_file_level_dirt_is_written_as_planned_and_listed(small, tmp_path: Path) -> None:
    world = small.world
    day = world.clock.first
    dirt = Dirt(
        outage=day + 1, late_file=day + 1, late_rows=day + 3, duplicate_file=day + 2, skew=day + 2, unknown_queue=(day + 2,),
        line_fraction=0.0, quiet_from=99,
    )  # fmt: skip
    rng = np.random.default_rng(1)
    write_queue_log(world, tmp_path, dirt, rng)
    write_contact_records(world, tmp_path, dirt, rng)
    assert not list(tmp_path.glob("acd/queue_log-2025-03-25*"))
    copy = tmp_path / "acd/queue_log-2025-03-26-copy.gz"
    assert copy.read_bytes() == (tmp_path / "acd/queue_log-2025-03-26.gz").read_bytes()
    rows = [line.split("|") for line in gzip.decompress(copy.read_bytes()).decode().splitlines()]
    assert sum(row[2] == "test-line" for row in rows) == 16
    jumps = np.diff([int(row[0]) for row in rows])
    assert jumps.min() < 0 < SKEW_SECONDS <= jumps.max() + 60, "a node ahead of the other in one file"
    assert not (tmp_path / "chat/contact-records-2025-03-25.jsonl").exists()
    late = (tmp_path / "chat/contact-records-2025-03-26.jsonl").read_text()
    assert late.count('"LastUpdateTimestamp":"2025-03-25') > 100
    assert (tmp_path / "chat/contact-records-2025-03-28.jsonl").read_text().count('"LastUpdateTimestamp":"2025-03-27') > 50
    kinds = {stain.kind for stain in dirt.stains}
    assert kinds == {"outage", "late_file", "late_rows", "duplicate_file", "clock_skew", "unknown_queue"}


def test_dirt_stays_below_one_per_cent_and_is_a_handful_in_the_last_days(small) -> None:
    dirt = pq.read_table(small.truth / "dirt.parquet").to_pandas()
    rows = sum(small.summary.rows[kind] for kind in ("queue_log_lines", "chat_records", "case_rows"))
    assert 0 < dirt["rows"].sum() < 0.01 * rows
    assert (dirt["day"] >= date(2025, 3, 31)).sum() < 30
    assert dirt["kind"].isin(["duplicate_line", "broken_line", "duplicate_mail"]).all()


@pytest.mark.parametrize("lines", [0, 5])
def test_tiny_files_are_left_alone(lines: int) -> None:
    clock = make_clock(date(2025, 1, 1), date(2025, 1, 2))
    content = b"a|b\n" * lines
    assert Dirt(line_fraction=0.5).spoil(content, "f", 15, clock, np.random.default_rng(1)) == content
