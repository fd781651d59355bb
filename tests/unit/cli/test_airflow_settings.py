"""The environment of the local Airflow."""

import base64
import json
from pathlib import Path

import pytest

from cli.runtime.airflow_settings import MARK, USER, airflow_environment, password
from cli.runtime.folders import Folders
from warehouse.local_state import write_private


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path, tmp_path / "state")


def made(folders: Folders, **inherited: str) -> dict[str, str]:
    return airflow_environment(folders, "postgresql://somewhere", 8123, 2, inherited)


def test_settings_of_another_airflow_do_no_harm_and_the_rest_is_kept(folders: Folders) -> None:
    environment = made(folders, AIRFLOW__CORE__DAGS_FOLDER="/elsewhere", AIRFLOW_CONFIG="/elsewhere", PATH="/bin")
    assert "/elsewhere" not in environment.values()
    assert environment["PATH"] == "/bin"


def test_everything_listens_on_the_loopback_address_and_nothing_on_others(folders: Folders) -> None:
    environment = made(folders)
    assert environment["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8123/execution/"
    assert environment["AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK"] == "False"
    assert "0.0.0.0" not in " ".join(environment.values())  # noqa: S104


def test_secrets_are_generated_once_and_differ_from_each_other(folders: Folders) -> None:
    names = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API__SECRET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET")
    first, second = made(folders), made(folders)
    assert [first[name] for name in names] == [second[name] for name in names]
    assert len({first[name] for name in names}) == len(names)
    assert len(base64.urlsafe_b64decode(first["AIRFLOW__CORE__FERNET_KEY"])) == 32


def test_the_key_that_signs_tokens_is_as_long_as_its_method_wants_also_in_a_folder_with_a_shorter_one(folders: Folders) -> None:
    write_private(folders.state / "secrets" / "airflow-jwt", 43 * "a")
    assert len(made(folders)["AIRFLOW__API_AUTH__JWT_SECRET"].encode()) >= 64


def test_the_only_user_has_a_generated_password_in_a_private_file(folders: Folders) -> None:
    environment = made(folders)
    file = Path(environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(file.read_text()) == {USER: password(folders)}
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(password(folders)) >= 43
    assert environment["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == f"{USER}:admin"


def test_every_process_carries_the_mark_by_which_it_is_found_again(folders: Folders) -> None:
    assert made(folders)[MARK] == str(folders.state)


def test_a_proxy_is_never_asked_for_the_own_machine(folders: Folders) -> None:
    environment = made(folders, NO_PROXY="intranet", HTTP_PROXY="http://proxy:3128")
    assert environment["NO_PROXY"] == "intranet,127.0.0.1"
    assert environment["no_proxy"] == "127.0.0.1"
