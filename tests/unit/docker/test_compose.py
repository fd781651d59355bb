"""docker-compose.yml and the Dockerfile keep their promises, as far as that shows without a Docker engine."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.testing import CliRunner

from cli.main import app

REPOSITORY = Path(__file__).resolve().parents[3]
SCHEMA = REPOSITORY / "tests" / "golden" / "compose" / "compose.schema.json"
TEXT = (REPOSITORY / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {"init", "superset-init"}
EXACT_TAG = re.compile(r"[a-z0-9./-]+:v?\d+\.\d+(\.\d+)?[a-z0-9.-]*")


def validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(SCHEMA.read_text()))


def test_the_file_follows_the_compose_specification() -> None:
    assert [error.message for error in validator().iter_errors(COMPOSE)] == []


@pytest.mark.parametrize(
    "broken",
    [
        {"services": {"a": {"image": "a:1.0", "prots": ["1"]}}},
        {"services": {"a": {"image": ["a"]}}},
        {"services": {"a": {"image": "a:1.0", "depends_on": {"b": {"condition": "when_ready"}}}}},
        {"servcies": {}},
    ],
)
def test_the_schema_finds_mistakes(broken: dict[str, Any]) -> None:
    assert list(validator().iter_errors(broken))


def test_the_parts_of_airflow_and_the_database_are_there() -> None:
    airflow = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}
    assert set(SERVICES) == {"postgres", "redis", "init", *airflow, "object-store", "mail", "superset", "superset-init"}
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if service.get("profiles")}
    assert profiles == {"object-store": ["trial"], "mail": ["trial"], "superset": ["bi"], "superset-init": ["bi"]}


def test_only_migrating_owns_the_schema_and_dashboards_read_as_a_reader() -> None:
    for name, service in SERVICES.items():
        url = service.get("environment", {}).get("LEADLINE_WAREHOUSE_URL", "")
        assert "//leadline:" not in url or name == "init", name
    assert "//leadline_pipeline:" in SERVICES["worker"]["environment"]["LEADLINE_WAREHOUSE_URL"]
    assert "//leadline:" in SERVICES["init"]["environment"]["LEADLINE_WAREHOUSE_URL"]
    script = (REPOSITORY / "docker" / "databases.sh").read_text()
    assert "make_login leadline_pipeline leadline_writer" in script
    assert "make_login superset_bi leadline_reader" in script
    mounted = [volume.split(":")[0] for volume in SERVICES["postgres"]["volumes"]]
    assert "./warehouse/roles/roles.sql" in mounted
    assert "user=superset_bi" in (REPOSITORY / "docker" / "superset.sh").read_text()
    uri = yaml.safe_load((REPOSITORY / "warehouse/bi/superset/databases/Leadline.yaml").read_text())["sqlalchemy_uri"]
    assert uri.endswith("service=leadline_bi")


def test_workers_share_no_folder_but_what_stands_for_the_source_systems() -> None:
    for name in ("worker", "scheduler"):
        writable = [volume for volume in SERVICES[name]["volumes"] if not volume.endswith(":ro")]
        assert writable == [], name
    environment = SERVICES["worker"]["environment"]
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert environment["LEADLINE_LAKE_URL"].startswith("${LEADLINE_LAKE_URL")


def test_images_have_exact_tags() -> None:
    for name, service in SERVICES.items():
        assert EXACT_TAG.fullmatch(service["image"]), name
    files = (REPOSITORY / "Dockerfile", REPOSITORY / "docker" / "superset.Dockerfile")
    bases = [base for file in files for base in re.findall(r"(?m)^FROM (\S+)", file.read_text())]
    assert len(bases) >= 3
    assert all(EXACT_TAG.fullmatch(base) for base in bases)


def test_ports_are_on_the_loopback_address_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_runs_as_root_or_with_capabilities_or_without_limits(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].split(":")[0] not in {"", "0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONE_SHOT))
def test_every_lasting_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_services_wait_for_what_they_need() -> None:
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert how["condition"] == wanted, (name, other)
            assert how.get("required", True) != bool(SERVICES[other].get("profiles")), (name, other)
            assert other in SERVICES
    assert "init" in SERVICES["scheduler"]["depends_on"]


def test_no_secret_has_a_value_or_a_default_in_the_file() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD$|SECRET|FERNET_KEY|SQL_ALCHEMY_CONN|WAREHOUSE_URL|BROKER_URL|RESULT_BACKEND", key):
                assert re.search(r"\$\{(LEADLINE|AWS)_[A-Z_]+:\?", value), (name, key)
    assert not re.search(r"\$\{[A-Z_]+:-", TEXT), "a default for a variable"


def test_the_generated_secrets_are_those_the_file_asks_for_and_nobody_else_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    done = CliRunner().invoke(app, ["compose-secrets", "--file", str(file)])
    assert done.exit_code == 0, done.output
    assert file.stat().st_mode & 0o777 == 0o600
    made = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    assert set(made) == set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", TEXT))
    secrets = {name: value for name, value in made.items() if re.search("PASSWORD|SECRET|FERNET", name)}
    assert len(set(secrets.values())) == len(secrets) == len(made) - 5
    assert all(len(value) >= 43 for value in secrets.values())
    assert len(secrets["LEADLINE_JWT_SECRET"]) >= 64
    assert not any(value in done.output for value in secrets.values())
    before = file.read_bytes()
    assert CliRunner().invoke(app, ["compose-secrets", "--file", str(file)]).exit_code == 0
    assert file.read_bytes() == before, "new secrets would lock everybody out of the database"


def test_bind_mounts_and_copied_files_exist_and_git_ignores_the_secrets() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (REPOSITORY / source).exists(), volume
    allowed = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    dockerfile = (REPOSITORY / "Dockerfile").read_text()
    for words in re.findall(r"(?m)^COPY (?!--from)(.+)$", dockerfile):
        for source in words.split()[:-1]:
            assert (REPOSITORY / source).exists(), source
            assert source in allowed, f"{source} is kept out of the image by .dockerignore"
    assert ".env" not in allowed
    assert ".env" in (REPOSITORY / ".gitignore").read_text().splitlines()


def test_the_image_ends_without_root() -> None:
    users = re.findall(r"(?m)^USER (\S+)", (REPOSITORY / "Dockerfile").read_text())
    assert users[-1].split(":")[0] == SERVICES["scheduler"]["user"].split(":")[0]


@pytest.mark.parametrize("script", sorted((REPOSITORY / "docker").glob("*.sh")), ids=lambda script: script.name)
def test_scripts_are_valid_bash_stop_at_errors_and_can_be_run(script: Path) -> None:
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert "set -euo pipefail" in script.read_text()
    assert script.stat().st_mode & 0o111


def test_the_values_for_kubernetes_hold_no_secret_and_limit_every_part() -> None:
    text = (REPOSITORY / "docker" / "kubernetes-values.yaml").read_text()
    values: dict[str, Any] = yaml.safe_load(text)
    assert not re.search(r"(?i)(password|fernetKey|secretKey|jwtSecret|connection):", re.sub(r"#.*", "", text))
    workers = values["workers"]["celery"]
    for name in ("scheduler", "dagProcessor", "triggerer", "apiServer"):
        assert set(values[name]["resources"]["limits"]) == {"cpu", "memory"}, name
    assert set(workers["resources"]["limits"]) == {"cpu", "memory"}
    assert values["securityContexts"]["pod"]["runAsNonRoot"] is True
    assert values["executor"] == SERVICES["worker"]["environment"]["AIRFLOW__CORE__EXECUTOR"]
    assert f"apache-airflow=={values['airflowVersion']} " in (REPOSITORY / "requirements.lock").read_text()
    assert workers["persistence"] == {"enabled": False}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({}, ""),
        ({"workers": {"persistence": {"enabled": False}}}, "'persistence' was unexpected"),
        ({"scheduler": {"ressources": {}}}, "'ressources' was unexpected"),
        ({"env": [{"name": "A", "value": 1}]}, "1 is not of type 'string'"),
    ],
)
def test_the_values_for_kubernetes_use_keys_that_the_chart_has(broken: dict[str, Any], says: str) -> None:
    schema = json.loads((REPOSITORY / "tests" / "golden" / "helm" / "values.excerpt.schema.json").read_text())
    values = yaml.safe_load((REPOSITORY / "docker" / "kubernetes-values.yaml").read_text())
    messages = [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(values | broken)]
    assert says in " ".join(messages) if says else messages == []


def test_airflow_is_set_alike_in_containers_and_on_kubernetes() -> None:
    config = yaml.safe_load((REPOSITORY / "docker" / "kubernetes-values.yaml").read_text())["config"]
    of_compose = SERVICES["worker"]["environment"]
    for part, keys in config.items():
        for key, value in keys.items():
            assert of_compose[f"AIRFLOW__{part.upper()}__{key.upper()}"] == str(value), (part, key)
