#!/usr/bin/env bash
# Run once before the other services: settings for containers, Airflow's user, the schema of both databases, demo data.
set -euo pipefail
umask 077

# The same settings as everywhere, but for the warehouse, which is the service `postgres` here.
sed 's#^warehouse_url = "embedded".*#warehouse_url = "${LEADLINE_WAREHOUSE_URL}"#' \
    /opt/leadline/config/enterprise.toml >"$LEADLINE_CONFIG"
grep -q '^warehouse_url = "postgresql\|^warehouse_url = "\${' "$LEADLINE_CONFIG"

python - <<'PYTHON'
import json, os, pathlib
users = {"planner": os.environ["LEADLINE_PLANNER_PASSWORD"]}
pathlib.Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]).write_text(json.dumps(users))
PYTHON

airflow db migrate
leadline migrate
if grep -q '\.leadline/demo/' "$LEADLINE_CONFIG"; then
    leadline demo-data
fi
