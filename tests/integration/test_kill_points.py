"""A night whose process is killed, at any of many points, and run again leaves the bytes of an undisturbed night.

The child process stops itself with SIGKILL at the n-th durable step: before a file is begun, when half of it is written, when it
is written and not yet in place, and right after it is.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.whole_intake import FIRST, SECOND, copied, fingerprint, intake_enterprise, run_night, write_day
from warehouse.lake import Lake

pytestmark = [pytest.mark.integration, pytest.mark.slow]
MOMENTS = {"begun": ("before", "in the middle"), "put": ("written", "in place")}
POINTS = 20


@dataclass
class Steps:
    """Sees every file of the lake that is begun ("begun", path) or put in place ("put", path), in order; several may be open
    together. May end the process at one of them.
    """

    root: str
    end_at: int = -1
    moment: str = ""

    def __post_init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self._dying = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._dying or event not in ("os.rename", "open") or not self._folder_is_there(event, arguments):
            return
        if event == "os.rename" and str(arguments[0]).startswith(self.root):
            if len(self.seen) == self.end_at:
                self._die(put=(str(arguments[0]), str(arguments[1])) if self.moment == "in place" else None)
            self.seen.append(("put", str(arguments[1])))
        elif event == "open" and self._writes(arguments):
            if len(self.seen) == self.end_at:
                self._die(half=str(arguments[0]) if self.moment == "in the middle" else "")
            self.seen.append(("begun", str(arguments[0])))

    def _folder_is_there(self, event: str, arguments: tuple[object, ...]) -> bool:
        """A file whose folder is missing is tried once more when the folder is made: only that time it is a step."""
        return Path(str(arguments[1 if event == "os.rename" else 0])).parent.is_dir()

    def _writes(self, arguments: tuple[object, ...]) -> bool:
        path, _mode, flags = (*arguments, None, None, None)[:3]
        return str(path).startswith(self.root) and bool(isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR))

    def _die(self, put: tuple[str, str] | None = None, half: str = "") -> None:
        self._dying = True
        if put is not None:
            Path(put[0]).replace(put[1])
        if half:
            descriptor = os.open(half, os.O_CREAT | os.O_WRONLY)
            os.write(descriptor, b"PAR1 half a file")
        os.kill(os.getpid(), signal.SIGKILL)


def steps_of_a_night(folder: Path, sources: Path, queue: object) -> None:
    enterprise = intake_enterprise(folder, sources)
    steps = Steps(enterprise.storage.lake_url)
    run_night(SECOND, enterprise, Lake(enterprise.storage.lake_url))
    seen = [(what, str(Path(path).relative_to(steps.root))) for what, path in steps.seen]
    queue.put(seen)  # type: ignore[attr-defined]


def night_that_is_killed(folder: Path, sources: Path, end_at: int, moment: str) -> None:
    enterprise = intake_enterprise(folder, sources)
    Steps(enterprise.storage.lake_url, end_at, moment)
    run_night(SECOND, enterprise, Lake(enterprise.storage.lake_url))


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    """Children come from a server that has imported everything and started no thread yet: quick, and safe to fork."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.whole_intake", "etl.job", "aiohttp", "botocore.exceptions"])
    return context


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, dict[str, str]]:
    """The sources after two days, the lake after the first night, and the marks of the lake after the second."""
    folder = tmp_path_factory.mktemp("world")
    sources = folder / "sources"
    write_day(sources, FIRST, over_midnight=True)
    enterprise = intake_enterprise(folder / "before", sources)
    run_night(FIRST, enterprise, Lake(enterprise.storage.lake_url))
    write_day(sources, SECOND, over_midnight=True)
    copied(folder / "before", folder / "whole")
    enterprise = intake_enterprise(folder / "whole", sources)
    lake = Lake(enterprise.storage.lake_url)
    run_night(SECOND, enterprise, lake)
    return folder, sources, fingerprint(lake)


@pytest.mark.parametrize("half", [0, 1])  # of the points: two workers share the longest test there is
def test_a_night_killed_at_any_point_and_run_again_leaves_the_same_bytes(
    half: int, world: tuple[Path, Path, dict[str, str]], processes: multiprocessing.context.ForkServerContext
) -> None:
    folder, sources, expected = world
    copied(folder / "before", folder / f"steps-{half}")
    queue = processes.Queue()
    child = processes.Process(target=steps_of_a_night, args=(folder / f"steps-{half}", sources, queue))
    child.start()
    steps = queue.get(timeout=60)
    child.join()
    for number, (point, moment) in enumerate(planned(steps)[half::2]):
        path = steps[point][1]
        work = copied(folder / "before", folder / f"killed-{half}-{number}")
        child = processes.Process(target=night_that_is_killed, args=(work, sources, point, moment))
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL, f"the night was not killed {moment} step {point}: {path}"
        enterprise = intake_enterprise(work, sources)
        lake = Lake(enterprise.storage.lake_url)
        leftovers = list(Path(lake.root).rglob("*.tmp"))
        assert leftovers or moment not in ("in the middle", "written"), "the kill left a file half done"
        for leftover in leftovers:
            os.utime(leftover, (0, 0))  # as if the kill had been days ago
        run_night(SECOND, enterprise, lake)
        assert fingerprint(lake) == expected, f"killed {moment} step {point}: {path}"
        assert not any(leftover.exists() for leftover in leftovers), "what was left half done is cleared away"


def planned(steps: list[tuple[str, str]]) -> list[tuple[int, str]]:
    """Where to kill, and at which moment of that step: all over the night, in every room of the lake and at every moment."""
    assert len(steps) > 80, "a night of all sources has many steps"
    places = [round(place * (len(steps) - 1) / (POINTS - 1)) for place in range(POINTS)]
    points = [place + (steps[place][0] != wanted) for place, wanted in zip(places, ("begun", "put") * POINTS, strict=False)]
    points = [min(point, len(steps) - 1) for point in points]
    hit = {steps[point][1].split("/")[0] for point in points}
    rest = {path.split("/")[0]: place for place, (what, path) in enumerate(steps) if what == "put"}
    points += [place for room, place in rest.items() if room not in hit]  # a small room may lie between two even steps
    killed: Counter[str] = Counter()
    found = []
    for point in points:
        what = steps[point][0]
        found.append((point, MOMENTS[what][killed[what] % 2]))
        killed[what] += 1
    rooms = {steps[point][1].split("/")[0] for point, _ in found}
    assert rooms - {".unfinished"} == {"landing", "staging", "state", "run", "core", "history"}
    assert min(killed.values()) >= POINTS // 3, "as often while files are begun as while they are put in place"
    return found
