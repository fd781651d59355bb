"""What every command starts with: the settings, the folders and a way to speak."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from cli.runtime.folders import REPOSITORY, Folders
from enterprise.errors import LeadlineError, NeedsPersonError, SettingsError
from enterprise.settings import Enterprise, load_enterprise

CONFIG_VARIABLE = "LEADLINE_CONFIG"
DEFAULT_CONFIG = Path("config", "enterprise.toml")

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help=f"Settings file; without it {CONFIG_VARIABLE}, then {DEFAULT_CONFIG}."),
]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """Print one line and leave it as it is: paths and commands in it are meant to be copied, brackets in a name are no style."""
    out.print(text, soft_wrap=True, markup=False)


@dataclass(frozen=True)
class Session:
    """Settings and folders of one call of the command line.

    Attributes:
        config: the settings file.
        enterprise: what it says.
        folders: where local state is.
        environment: the caller's environment, with the settings file named in it.
    """

    config: Path
    enterprise: Enterprise
    folders: Folders
    environment: Mapping[str, str]


def open_session(config: Path | None) -> Session:
    """Read the settings.

    Raises:
        SettingsError: if they are missing or wrong.
    """
    work = Path.cwd()
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    if named is None:
        named = DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else REPOSITORY / DEFAULT_CONFIG
    path = named.resolve()
    enterprise = load_enterprise(path, os.environ, work)
    folders = Folders(work, Path(enterprise.storage.state_folder))
    return Session(path, enterprise, folders, {**os.environ, CONFIG_VARIABLE: str(path)})


def state_folders(config: Path | None) -> Folders:
    """Folders of local state even if the settings cannot be read: what runs can be stopped all the same."""
    try:
        return open_session(config).folders
    except SettingsError:
        return Folders(Path.cwd(), Path.cwd() / ".leadline")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show Leadline's own errors as what they are, messages to a person, and end with a code: 1 to act on, 75 to try later."""
    try:
        yield
    except NeedsPersonError as error:
        err.print(f"[bold red]Stopped.[/] {_escaped(str(error))}", soft_wrap=True)
        raise typer.Exit(1) from error
    except LeadlineError as error:
        err.print(f"[bold yellow]Not now.[/] {_escaped(str(error))}", soft_wrap=True)
        raise typer.Exit(os.EX_TEMPFAIL) from error


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
