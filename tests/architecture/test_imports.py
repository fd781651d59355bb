"""Who may import whom, beyond what import-linter's contracts in pyproject.toml can say; see docs of the layout in README."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("cli", "demo", "enterprise", "etl", "expectations", "forecasting", "staffing", "warehouse")
PURE_PACKAGES = ("etl", "forecasting", "staffing")
# The local runtime starts the server that the night publishes to, and keeps its secrets in the same folder.
CLI_MAY_ALSO = {"warehouse.embedded", "warehouse.embedded_cluster", "warehouse.local_state"}


USES_OUTSIDE = {
    "forecasting.candidates.prophet_engine": {"tempfile"},  # CmdStan takes its data from files only
    "enterprise.alerts": {"urllib"},  # urllib.parse takes an address apart; nothing is opened
    "enterprise.remote": {"urllib"},  # likewise
}
LONGER = {
    "staffing.kernels": 540,  # one unit that numba compiles and caches together
    "warehouse.tables.core": 330,  # declarations only: nothing in it runs
}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> Iterator[str]:
    """Modules a file imports at run time, also inside functions; a module imported from a package counts as itself."""
    tree = ast.parse(path.read_text())
    for_types = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                longer = f"{node.module}.{alias.name}"
                is_module = (REPOSITORY / Path(*longer.split("."))).with_suffix(".py").exists()
                yield longer if is_module else node.module


def files_of(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (REPOSITORY / package).rglob("*.py"))


def is_edge(name: str) -> bool:
    return name.endswith(".job") or name.startswith("etl.sources")


def forbidden_imports(name: str, imported: set[str]) -> set[str]:
    """Project modules that the module `name` must not import, by architecture rules 1 to 4."""
    own = name.split(".")[0]
    wrong = set()
    for module in imported:
        package = module.split(".")[0]
        if package == "airflow" and own != "dags":
            wrong.add(module)
        if package not in (*PACKAGES, "dags") or package == own:
            continue
        if own == "cli":
            allowed = package == "enterprise" or module.endswith(".job") or module in CLI_MAY_ALSO
        elif own == "dags":
            allowed = package == "enterprise" or module.endswith(".job")
        elif own == "demo" or package in {"cli", "dags", "demo"} or own == "enterprise":
            allowed = False
        elif own == "warehouse":
            allowed = package == "enterprise"
        elif own == "expectations":
            allowed = package in {"enterprise", "warehouse"}
        elif is_edge(name):
            allowed = package in {"enterprise", "warehouse"} or module == "expectations.gate"
        else:
            allowed = package == "enterprise" or module == "warehouse.tables" or module.startswith("warehouse.tables.")
        if not allowed:
            wrong.add(module)
    return wrong


@pytest.mark.parametrize("package", [*PACKAGES, "dags"])
def test_every_import_keeps_the_rules(package: str) -> None:
    wrong = {module_name(path): forbidden_imports(module_name(path), set(imports_of(path))) for path in files_of(package)}
    assert {name: modules for name, modules in wrong.items() if modules} == {}


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("enterprise.grid", "warehouse.lake"),
        ("warehouse.publish", "expectations.gate"),
        ("etl.history", "forecasting.calendar"),
        ("etl.history", "warehouse.lake"),
        ("forecasting.lead", "expectations.gate"),
        ("staffing.job", "etl.job"),
        ("expectations.job", "etl.history"),
        ("demo.world", "enterprise.grid"),
        ("etl.job", "demo.job"),
        ("cli.run", "etl.history"),
        ("dags.nightly_plan", "etl.history"),
        ("warehouse.job", "airflow.sdk"),
        ("forecasting.job", "cli.session"),
    ],
)
def test_the_rules_find_a_wrong_import(name: str, module: str) -> None:
    assert forbidden_imports(name, {module}) == {module}


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("etl.job", "expectations.gate"),
        ("etl.sources.mbox", "warehouse.lake"),
        ("staffing.erlang", "warehouse.tables.staffing"),
        ("dags.nightly_plan", "airflow.sdk"),
        ("cli.run", "demo.job"),
        ("expectations.suites.core", "warehouse.lake"),
    ],
)
def test_the_rules_let_a_right_import_pass(name: str, module: str) -> None:
    assert forbidden_imports(name, {module}) == set()


@pytest.mark.parametrize("path", files_of(*PURE_PACKAGES, "enterprise"), ids=module_name)
def test_what_is_pure_touches_no_network_clock_environment_or_process(path: Path) -> None:
    name = module_name(path)
    if is_edge(name):
        pytest.skip("the edge is where the outside world is touched")
    outside = {
        "socket",
        "subprocess",
        "requests",
        "httpx",
        "urllib",
        "http",
        "psycopg",
        "sqlalchemy",
        "fsspec",
        "shutil",
        "tempfile",
    }
    assert {module.split(".")[0] for module in imports_of(path)} & outside <= USES_OUTSIDE.get(name, set())
    called = {
        f"{node.func.value.id}.{node.func.attr}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }
    assert called.isdisjoint(
        {
            "datetime.now",
            "datetime.utcnow",
            "date.today",
            "time.time",
            "os.getenv",
            "np.random.seed",
            "random.seed",
            "random.random",
        }
    )


@pytest.mark.parametrize("path", files_of(*PACKAGES, "dags"), ids=module_name)
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGER.get(module_name(path), 300)
