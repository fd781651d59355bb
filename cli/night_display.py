"""A night's tasks as they go: a bar on a terminal, one plain line per task elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from cli.runtime.night import TaskState

ENDED = {"success", "failed", "upstream_failed", "skipped"}
WORDS = {"success": "done", "failed": "failed", "up_for_retry": "will be tried again"}


class NightDisplay:
    """Shows the tasks of one night; use it as a context manager.

    Args:
        console: where to show them.
        title: what is going on.
    """

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._said: dict[tuple[str, int], str] = {}
        self._began = time.monotonic()
        self._progress: Progress | None = None
        self._bar: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._progress.start()
            self._bar = self._progress.add_task(self._title, total=None)
        else:
            self._console.print(self._title)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._progress is not None:
            self._progress.stop()

    def show(self, tasks: list[TaskState]) -> None:
        """Show the tasks' new state."""
        for task in tasks:
            word = WORDS.get(task.state)
            if word and self._said.get((task.name, task.try_number)) != word:
                self._said[(task.name, task.try_number)] = word
                took = f" in {task.seconds:.1f} s" if task.seconds is not None else ""
                elapsed = time.monotonic() - self._began
                self._console.print(f"{elapsed:7.1f} s  {task.name}: {word}{took}")
        if self._progress is not None and self._bar is not None:
            running = ", ".join(task.name for task in tasks if task.state == "running")
            ended = sum(task.state in ENDED for task in tasks)
            self._progress.update(
                self._bar, total=len(tasks), completed=ended, description=f"{self._title}: {running or 'waiting'}"
            )
