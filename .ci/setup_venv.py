"""Make `.venv` exactly as `requirements.lock` says; needs nothing but Python 3.11+ (run by `make setup`).

The quick way is uv, itself pinned with hashes in `requirements-uv.lock`; if uv cannot (no wheel for this machine, a package
index it cannot read), pip does the same from the same hashes. Both ask the indexes that this user's pip is set up with.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / "requirements-uv.lock"


def main() -> int:
    """Make or mend the virtual environment; 0 if it is complete."""
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        version = sys.version.split(maxsplit=1)[0]
        print(f"Leadline needs Python 3.11 to 3.13; this is {version}. Try: make setup PYTHON=python3.12", file=sys.stderr)
        return 1
    python = VENV / "bin" / "python"
    if not python.exists() and not run([sys.executable, "-m", "venv", str(VENV)]):
        print("Python could not make a virtual environment; on Debian: apt-get install python3-venv", file=sys.stderr)
        return 1
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    if not (install_with_uv(python, pip) or install_with_pip(pip)):
        print("The packages could not be installed; what pip or uv said is above.", file=sys.stderr)
        return 1
    return 0


def install_with_uv(python: Path, pip: list[str]) -> bool:
    """Install with uv; False if that does not work here."""
    if not run([*pip, "install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement", str(UV_LOCK)]):
        return False
    uv = [str(VENV / "bin" / "uv"), "pip"]
    settings = uv_settings(pip)
    # uv keeps no record of itself in the lock, so it is named beside it: sync would take it away otherwise. Bytecode is made here
    # once, as pip does: a night starts a dozen processes, and where PYTHONDONTWRITEBYTECODE is set each would make it anew.
    compiled = ["--compile-bytecode", "--require-hashes", str(LOCK), str(UV_LOCK)]
    packages = [*uv, "sync", "--quiet", "--python", str(python), *compiled]
    project = [*uv, "install", "--quiet", "--python", str(python), "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    return run(packages, settings) and run(project, settings)


def install_with_pip(pip: list[str]) -> bool:
    """Install with pip: slower, the same files."""
    print("uv cannot be used here; pip does it, which takes a few minutes.")
    packages = [*pip, "install", "--quiet", "--require-hashes", "--requirement", str(LOCK)]
    project = [*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    return run(packages) and run(project)


def uv_settings(pip: list[str]) -> dict[str, str]:
    """What this user's pip is set up with, in uv's words; uv's own settings win where there are any."""
    said = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    found: dict[str, str] = {}
    for line in said.splitlines():
        key, _, value = line.partition("=")
        scope, _, option = key.partition(".")
        if scope in {"global", "install", ":env:"}:  # listed in rising order of weight
            found[option] = value.strip("'\"").replace("\\n", " ")
    settings = {"UV_HTTP_TIMEOUT": found.get("default-timeout", "120")}
    for option, variable, separator in (
        ("index-url", "UV_DEFAULT_INDEX", " "),
        ("extra-index-url", "UV_INDEX", " "),
        ("find-links", "UV_FIND_LINKS", ","),
        ("cert", "SSL_CERT_FILE", " "),
        ("trusted-host", "UV_INSECURE_HOST", " "),
        ("no-index", "UV_NO_INDEX", " "),
    ):
        if option in found:
            settings[variable] = separator.join(found[option].split())
    # pip takes the best match of all indexes; the hashes make that safe here.
    settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if name not in os.environ}


def run(command: list[str], settings: dict[str, str] | None = None) -> bool:
    """Whether the command ended well; what it has to say is seen."""
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(settings or {})}, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
