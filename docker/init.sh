#!/usr/bin/env bash
# Run once before the other services: Airflow's user, the schema of both databases, the bucket of a trial, demo data.
set -euo pipefail
umask 077

python - <<'PYTHON'
import json, os, pathlib
users = {"planner": os.environ["LEADLINE_PLANNER_PASSWORD"]}
pathlib.Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).write_text(json.dumps(users))
PYTHON

# The store of a trial forgets its bucket when it stops; one of your own has it.
if [ "${AWS_ENDPOINT_URL:-}" = "http://object-store:9000" ]; then
    python -c 'import fsspec, os; fsspec.filesystem("s3").makedirs(os.environ["LEADLINE_LAKE_URL"].split("/")[2], exist_ok=True)'
fi

airflow db migrate
airflow pools import /opt/leadline/dags/pools.json
leadline migrate
if grep -q '\.leadline/demo/' "$LEADLINE_CONFIG"; then
    leadline demo-data
fi
