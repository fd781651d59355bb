"""Whether the settings read the demo's simulated source systems."""

from pathlib import Path

from cli.session import Session


def demo_folder(session: Session) -> Path | None:
    """Where the demo's source systems are, or will be; None where no source of the settings lies there."""
    folder = session.folders.state / "demo"
    places = (str(value) for source in session.enterprise.sources.values() for value in source.model_dump().values())
    return folder if any(str(folder) in place for place in places) else None
