"""Where a run on this machine keeps its things."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
"""The repository: the command line runs from an editable installation."""


@dataclass(frozen=True)
class Folders:
    """Folders of local state.

    Attributes:
        work: the folder the command was started in; relative paths in the settings start here.
        state: the folder of local state, usually `.leadline` in it.
        dags: the DAG files.
    """

    work: Path
    state: Path
    dags: Path = REPOSITORY / "dags"

    @property
    def airflow(self) -> Path:
        """Airflow's home."""
        return self.state / "airflow"

    @property
    def logs(self) -> Path:
        """Logs of Airflow's components, and below them of every task."""
        return self.airflow / "logs"

    @property
    def processes(self) -> Path:
        """The file that says which components run."""
        return self.airflow / "processes.json"

    @property
    def kept(self) -> Path:
        """A file that is there while `leadline up` wants the components to stay; without it they are a killed run's leftovers."""
        return self.airflow / "kept"

    @property
    def run_lock(self) -> Path:
        """Held by the one run that is under way."""
        return self.state / "run.lock"
