"""Ask a vulnerability service about every package of `requirements.lock` (run by `make lint`).

A known vulnerability fails. A service that cannot be reached does not: it is said, and the rest of the checks goes on.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
AUDIT = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "--format", "json", "--timeout", "10"]


def audited(requirements: Path) -> dict[str, list[dict[str, object]]] | None:
    """Vulnerabilities by package of those that the service knows; None if it knows none of them or cannot be reached."""
    asked = subprocess.run([*AUDIT, "--no-deps", "--requirement", str(requirements)], capture_output=True, text=True, check=False)
    try:
        packages = json.loads(asked.stdout)["dependencies"]
    except (ValueError, KeyError):
        return None
    known = {f"{package['name']} {package['version']}": package["vulns"] for package in packages if "skip_reason" not in package}
    return known or None


def main() -> int:
    """0 if nothing is known against any package, or nobody could be asked."""
    with tempfile.TemporaryDirectory() as folder:
        one = Path(folder, "requirements.txt")
        one.write_text("pip-audit==2.10.1\n")  # is anybody there? A hundred questions into the void take minutes
        if audited(one) is None:
            print("pip-audit: no vulnerability service can be reached from here, so the packages were NOT audited.")
            return 0
    found = audited(LOCK) or {}
    vulnerable = {name: vulns for name, vulns in found.items() if vulns}
    for name, vulns in sorted(vulnerable.items()):
        for vuln in vulns:
            print(f"pip-audit: {name}: {vuln['id']}, mended in {', '.join(map(str, vuln['fix_versions'])) or 'no version yet'}")  # type: ignore[arg-type]
    print(f"pip-audit: {len(found)} packages asked about, {len(vulnerable)} with known vulnerabilities.")
    return 1 if vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
