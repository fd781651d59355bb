"""A copy of one installation that another can be made from: the lake's files and PostgreSQL's own dump, with what they must be.

The manifest is written last: a folder without one is no backup. Secrets are not in it; keep them where secrets are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

from enterprise.errors import NeedsPersonError
from warehouse.embedded_cluster import program
from warehouse.lake import Lake
from warehouse.operations.forget import files_below

MANIFEST, DUMP, LAKE = "manifest.json", "warehouse.dump", "lake"
_IN_FORCE = "SELECT plan_date::text, version, content_hash FROM plan_version WHERE status = 'current'"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        made_at: when it was made, ISO 8601 in UTC.
        plan_in_force: night, version and content hash of the plan in force; empty where none was published.
        dump_sha256: hash of the database's dump.
        files: SHA-256 of every file of the lake, by its path below the lake.
    """

    made_at: str
    plan_in_force: list[str]
    dump_sha256: str
    files: dict[str, str]


def back_up(url: str, lake: Lake, folder: Path, made_at: str) -> Manifest:
    """Copy lake and warehouse into an empty folder.

    Raises:
        NeedsPersonError: if the folder holds anything, or pg_dump fails, with what it said.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NeedsPersonError(f"{folder} is not empty: a backup goes into a folder of its own")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _postgres("pg_dump", url, "--format=custom", f"--file={folder / DUMP}")
    files = {}
    for path in files_below(lake):
        name = path.removeprefix(f"{lake.root}/")
        content = lake.filesystem.cat_file(path)
        place = folder / LAKE / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        files[name] = _sha256(content)
    with psycopg.connect(_plain(url)) as connection:
        in_force = connection.execute(_IN_FORCE).fetchone()
    manifest = Manifest(made_at, [str(part) for part in in_force or ()], _sha256((folder / DUMP).read_bytes()), files)
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True))
    return manifest


def restore(url: str, lake: Lake, folder: Path) -> Manifest:
    """Make lake and warehouse of a backup, in an empty place, and see that the plan in force is the one that was.

    Args:
        url: a warehouse that was just migrated and holds no plan: its roles are there, which no dump brings.
        lake: a lake without files.
        folder: the backup.

    Raises:
        NeedsPersonError: if the backup is not whole, a file is not what it was, the place is not empty, or pg_restore fails.
    """
    manifest = _read(folder)
    if next(files_below(lake), None) is not None:
        raise NeedsPersonError(f"the lake {lake.url} is not empty: restore into an empty one")
    with psycopg.connect(_plain(url)) as connection:
        if connection.execute("SELECT 1 FROM plan_version LIMIT 1").fetchone() is not None:
            raise NeedsPersonError("the warehouse holds plans: restore into an empty database")
    _postgres("pg_restore", url, "--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error",
              f"--dbname={make_url(url).database}", str(folder / DUMP))  # fmt: skip
    for name in manifest.files:
        lake.write_bytes(f"{lake.root}/{name}", (folder / LAKE / name).read_bytes())
    with psycopg.connect(_plain(url)) as connection:
        in_force = [str(part) for part in connection.execute(_IN_FORCE).fetchone() or ()]
    if in_force != manifest.plan_in_force:
        raise NeedsPersonError(f"the restored plan in force is {in_force}, it was {manifest.plan_in_force}: report this")
    return manifest


def _read(folder: Path) -> Manifest:
    """The manifest, once every file was seen to be what it says."""
    if not (folder / MANIFEST).exists():
        raise NeedsPersonError(f"{folder} holds no {MANIFEST}: it is no backup, or one that was broken off")
    manifest = Manifest(**json.loads((folder / MANIFEST).read_text()))
    expected: Mapping[str, str] = {DUMP: manifest.dump_sha256} | {f"{LAKE}/{name}": sha for name, sha in manifest.files.items()}
    for name, sha256 in expected.items():
        if not (folder / name).exists() or _sha256((folder / name).read_bytes()) != sha256:
            raise NeedsPersonError(f"{folder / name} is missing or not what was backed up; nothing was changed: use another one")
    return manifest


def _postgres(name: str, url: str, *words: str) -> None:
    place = make_url(url)
    told = {"PGHOST": place.host, "PGPORT": str(place.port or 5432), "PGUSER": place.username, "PGPASSWORD": place.password,
            "PGDATABASE": place.database}  # fmt: skip
    environment = {**os.environ, **{key: str(value) for key, value in told.items() if value}}
    done = subprocess.run([str(program(name)), *words], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NeedsPersonError(f"{name} failed: {' '.join(done.stderr.split())[-500:]}")


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
