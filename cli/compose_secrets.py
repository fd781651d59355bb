"""`leadline compose-secrets`: the secrets that docker-compose.yml asks for."""

import base64
import secrets
from pathlib import Path
from typing import Annotated

import typer

from cli.session import say
from warehouse.local_state import write_private

PASSWORDS = (
    "LEADLINE_POSTGRES_PASSWORD",
    "LEADLINE_REDIS_PASSWORD",
    "LEADLINE_WAREHOUSE_PASSWORD",
    "LEADLINE_METADATA_PASSWORD",
    "LEADLINE_PLANNER_PASSWORD",
    "LEADLINE_API_SECRET",
    "LEADLINE_PIPELINE_PASSWORD",
    "LEADLINE_BI_PASSWORD",
    "LEADLINE_SUPERSET_PASSWORD",
    "LEADLINE_SUPERSET_SECRET",
)
PLACES = """
# Where lake and plan books are. These are the object store of `docker compose --profile trial up`, which forgets them when it
# stops; put a store of your own here for real work (AWS_ENDPOINT_URL empty for Amazon's).
LEADLINE_LAKE_URL=s3://leadline/lake
LEADLINE_PLANBOOK_FOLDER=s3://leadline/planbook
AWS_ENDPOINT_URL=http://object-store:9000
AWS_DEFAULT_REGION=us-east-1
AWS_ACCESS_KEY_ID=trial
"""


def compose_secrets(
    file: Annotated[Path, typer.Option(help="Where to write them; docker compose reads .env by itself.")] = Path(".env"),
) -> None:
    """Generate the secrets for docker-compose.yml, unless the file is there: the databases know the old ones."""
    if file.exists():
        say(f"{file} is already there and stays as it is. Remove it only together with the volume of the database.")
        return
    lines = [f"{name}={secrets.token_urlsafe(32)}" for name in PASSWORDS]
    lines.append(f"LEADLINE_JWT_SECRET={secrets.token_urlsafe(64)}")  # HMAC with SHA-512 wants 64 bytes (RFC 7518, 3.2)
    lines.append(f"LEADLINE_FERNET_KEY={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}")
    lines.append(f"AWS_SECRET_ACCESS_KEY={secrets.token_urlsafe(32)}")
    write_private(file, "\n".join(["# Made by: make secrets. Never commit this file.", *lines, PLACES]))
    say(f"Wrote {len(lines)} generated secrets to {file}, readable by you alone.")
