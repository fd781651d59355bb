"""The system account that the embedded PostgreSQL runs under.

PostgreSQL refuses to run as root, and rightly: whoever speaks SQL as its superuser can start programs. An ordinary user
runs the server as themselves. Root (containers, CI) hands it to an account without rights that is already there; none is
created. If that account cannot walk to the server's programs or data (say, below `/root` or a private temporary folder),
it gets the one capability that walks past folder permissions, rather than us loosening folders that are not ours.
"""

import os
import pwd
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from enterprise.errors import NeedsPersonError

WITHOUT_RIGHTS = ("postgres", "nobody")
"""Accounts tried in this order when started as root."""


@dataclass(frozen=True)
class ServerAccount:
    """Who runs the server's programs.

    Attributes:
        uid: user id the programs run under and that owns the data.
        gid: group id likewise.
        prefix: words put before every command to become that account; empty if nothing has to change.
    """

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        """Give `path` (a file, or a folder and all in it) to this account; one's own needs no giving."""
        if os.geteuid() != 0:
            return
        os.chown(path, self.uid, self.gid)
        if path.is_dir():
            for folder, folders, files in os.walk(path):
                for name in [*folders, *files]:
                    os.chown(Path(folder, name), self.uid, self.gid, follow_symlinks=False)


def server_account(must_reach: Sequence[Path], like: Path) -> ServerAccount:
    """Choose the account for the server.

    Args:
        must_reach: existing folders that the server walks to: its programs and the parent of its data.
        like: existing folder whose owner is preferred, unless that is root: the data itself once it is there, before
            that the place it will be in, so that `sudo make run` leaves a person's data in that person's hands.

    Returns:
        The caller's own account, unless the caller is root; then one without rights.

    Raises:
        NeedsPersonError: if started as root and there is no such account, or no way to become it.
    """
    if os.geteuid() != 0:
        return ServerAccount(os.geteuid(), os.getegid())
    entry = _first_account([_owner_name(like), *WITHOUT_RIGHTS])
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise NeedsPersonError(
            "The embedded PostgreSQL cannot run as root, and the program 'setpriv' (package util-linux) that hands it to "
            f"the account '{entry.pw_name}' is missing. Install it, or run Leadline as an ordinary user."
        )
    drop = [setpriv, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
    if all(_can_walk_to(path, entry) for path in must_reach):
        rights = ["--inh-caps=-all", "--bounding-set=-all"]
    else:
        walk = _capability_to_walk()
        rights = [f"--inh-caps=-all,+{walk}", f"--ambient-caps=-all,+{walk}", f"--bounding-set=-all,+{walk}"]
    return ServerAccount(entry.pw_uid, entry.pw_gid, (*drop, *rights, "--"))


def _owner_name(path: Path) -> str | None:
    owner = path.stat().st_uid
    if owner == 0:
        return None
    try:
        return pwd.getpwuid(owner).pw_name
    except KeyError:
        return None


def _first_account(names: Sequence[str | None]) -> pwd.struct_passwd:
    for name in names:
        if name is None:
            continue
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NeedsPersonError(
        "The embedded PostgreSQL cannot run as root, and this system has none of the accounts "
        f"{', '.join(WITHOUT_RIGHTS)} to hand it to. Run Leadline as an ordinary user, or add one of these accounts."
    )


def _can_walk_to(path: Path, entry: pwd.struct_passwd) -> bool:
    """Whether the account may enter every folder from the root down to `path`."""
    for folder in (path.resolve(), *path.resolve().parents):
        status = folder.stat()
        if status.st_uid == entry.pw_uid:
            bit = 0o100
        elif status.st_gid == entry.pw_gid:
            bit = 0o010
        else:
            bit = 0o001
        if not status.st_mode & bit:
            return False
    return True


def _capability_to_walk() -> str:
    """The smallest capability at hand that enters closed folders (containers often drop the first one)."""
    status = Path("/proc/self/status")
    permitted = 0
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("CapPrm:"))
        permitted = int(line.split()[1], 16)
    for number, name in ((2, "dac_read_search"), (1, "dac_override")):
        if permitted >> number & 1:
            return name
    raise NeedsPersonError(
        "The embedded PostgreSQL cannot run as root, and an account without rights cannot enter this folder. "
        "Move the repository where every account may go (say, below /srv), or run Leadline as an ordinary user."
    )
