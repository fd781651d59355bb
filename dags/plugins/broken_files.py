"""People are told when Airflow cannot read one of the DAG files: what it schedules would be missing without a word.

It needs nothing of the other files here, which may be the broken ones, and leaves the work to a process of its own: this runs in
the midst of Airflow's reading.
"""

import os
import subprocess
import sys
import threading
from pathlib import Path

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

REPOSITORY = Path(__file__).resolve().parents[2]


class BrokenFiles:
    """Hears of DAG files that could be read before and no longer can."""

    @hookimpl
    def on_new_dag_import_error(self, filename: str, stacktrace: str) -> None:
        """Have people told (`expectations.telling.job.tell_of_broken_file`), and go on at once."""
        command = [str(Path(sys.executable).with_name("leadline")), "tell-broken-file", filename]
        folder = os.environ.get("LEADLINE_ROOT") or REPOSITORY
        process = subprocess.Popen(  # noqa: S603 - our own command, and the name of a file of ours
            command, stdin=subprocess.PIPE, cwd=folder, text=True, start_new_session=True
        )
        if process.stdin is not None:
            process.stdin.write(stacktrace[-10_000:])
            process.stdin.close()
        # Somebody has to ask for its end: until then what has ended stands in the list of processes.
        threading.Thread(target=process.wait, daemon=True).start()


class BrokenFilesPlugin(AirflowPlugin):
    """How Airflow finds it."""

    name = "leadline_broken_files"
    listeners = [BrokenFiles()]  # noqa: RUF012 - Airflow's own notation
