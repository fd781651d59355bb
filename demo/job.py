"""Make the demo: simulate the source systems of Harbour Mutual and write what they would write.

Files appear all at once: they are written into a sibling folder that then takes the demo's place, with a
manifest.json (seed, days, version) by which a complete demo is recognised and not made again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from demo.acd_log import write_queue_log
from demo.case_exports import make_cases, write_cases
from demo.claims_database import write_claims_database
from demo.connect_records import write_contact_records
from demo.dirt import plan_dirt
from demo.mailboxes import write_mailboxes
from demo.mailings import write_mailings
from demo.scale import Scale
from demo.scale_files import LargeDemo, make_large_demo
from demo.truth import write_truth
from demo.workforce_files import write_workforce
from demo.world import simulate

FIRST_DAY = date(2024, 11, 11)
LAST_DAY = date(2026, 11, 12)
SEED = 20261112
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class DemoSummary:
    """What was written.

    Attributes:
        folder: where the source systems' files lie.
        truth_folder: where the truth lies.
        first_day: first local day.
        last_day: last local day.
        seed: the seed.
        code_version: hash of the simulation's source text.
        rows: rows before dirt by kind: queue_log_lines, chat_records, mails, case_rows, claims, schedule_rows, mailings.
        files: number of source files.
        total_bytes: their size in bytes.
        made: False when a complete demo of the same kind was already there and was left as it is.
    """

    folder: Path
    truth_folder: Path
    first_day: date
    last_day: date
    seed: int
    code_version: str
    rows: dict[str, int]
    files: int
    total_bytes: int
    made: bool


def code_version() -> str:
    """Hash of the simulation's own source text, so that changed code makes a new demo."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def make_demo(
    folder: Path = Path(".leadline/demo"),
    truth_folder: Path = Path(".leadline/demo-truth"),
    first_day: date = FIRST_DAY,
    last_day: date = LAST_DAY,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
) -> DemoSummary:
    """Simulate the insurer from `first_day` to `last_day` and write its source systems' files.

    Args:
        folder: where the files go; replaced as a whole when it holds another demo.
        truth_folder: where the truth goes; likewise.
        first_day: first local day (Europe/Amsterdam).
        last_day: last local day; nothing later than its midnight is written.
        seed: the same seed, days and code give the same bytes.
        progress: told in words what is being done; None for silence.

    Raises:
        ValueError: if the days are reversed, or if `folder` or `truth_folder` holds files that are not a demo.
    """
    tell = progress or _silence
    version = code_version()
    wanted = {"seed": seed, "first_day": first_day.isoformat(), "last_day": last_day.isoformat(), "code_version": version}
    present = _manifest(folder)
    if present and {key: present.get(key) for key in wanted} == wanted and _manifest(truth_folder) == present:
        return _summary(folder, truth_folder, first_day, last_day, seed, version, present["rows"], made=False)
    for target in (folder, truth_folder):
        if target.exists() and any(target.iterdir()) and _manifest(target) is None:
            raise ValueError(
                f"{target} holds files but no {MANIFEST}: it is not a demo that may be replaced. "
                "Expected an empty or missing folder, or an earlier demo. Choose another folder or empty this one."
            )
    world = simulate(first_day, last_day, seed, tell)
    streams = np.random.default_rng([seed, 1]).spawn(6)
    staged, staged_truth = _fresh(folder), _fresh(truth_folder)
    dirt = plan_dirt(world.clock, streams[0])
    rows = {}
    tell("writing the switch's log")
    rows["queue_log_lines"] = write_queue_log(world, staged, dirt, streams[1])
    tell("writing chat records")
    rows["chat_records"] = write_contact_records(world, staged, dirt, streams[2])
    tell("writing mail")
    rows["mails"] = write_mailboxes(world, staged, dirt, streams[3])
    tell("writing cases, claims and workforce")
    cases = make_cases(world, streams[4])
    rows["case_rows"] = write_cases(world, cases, staged, dirt, streams[5])
    rows["claims"] = write_claims_database(world, staged)
    rows["schedule_rows"] = write_workforce(world, staged)
    rows["mailings"] = write_mailings(world.mailings, world.clock, staged)
    tell("writing the truth")
    write_truth(world, cases, dirt, staged_truth)
    content = json.dumps({**wanted, "rows": rows}, indent=1, sort_keys=True) + "\n"
    for made, target in ((staged_truth, truth_folder), (staged, folder)):
        (made / MANIFEST).write_text(content, encoding="utf-8")
        _take_place(made, target)
    return _summary(folder, truth_folder, first_day, last_day, seed, version, rows, made=True)


def make_large(
    folder: Path,
    queues: int,
    contacts_per_day: int,
    days: int,
    last_day: date,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
) -> LargeDemo:
    """Draw an enterprise of any size, for measuring what a night costs: settings and source files of some days.

    Args:
        folder: where `enterprise.toml` and `sources/` go; files of the same days are replaced.
        queues: how many queues.
        contacts_per_day: contacts on a mean weekday, all queues together.
        days: days of source files, the last of which is `last_day`.
        last_day: last local day.
        seed: the same seed and size give the same bytes.
        progress: told in words what is being done; None for silence.

    Raises:
        ValueError: if there are fewer than three queues, or fewer contacts than queues.
    """
    return make_large_demo(folder, Scale(queues, contacts_per_day, seed), days, last_day, progress or _silence)


def _silence(_: str) -> None:
    """Say nothing."""


def _manifest(folder: Path) -> dict[str, object] | None:
    """The folder's manifest, None where there is none or it cannot be read."""
    try:
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _fresh(target: Path) -> Path:
    """An empty sibling folder to write into; what an interrupted run left there goes."""
    staged = target.with_name(f".{target.name}.partial")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    return staged


def _take_place(staged: Path, target: Path) -> None:
    """Put the finished folder where the target is; the target is away only between two renames."""
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    staged.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _summary(
    folder: Path, truth_folder: Path, first_day: date, last_day: date, seed: int, version: str, rows: object, *, made: bool
) -> DemoSummary:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    counts = {str(key): int(value) for key, value in rows.items()} if isinstance(rows, dict) else {}
    size = sum(path.stat().st_size for path in files)
    return DemoSummary(folder, truth_folder, first_day, last_day, seed, version, counts, len(files), size, made)
