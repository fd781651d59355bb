#!/usr/bin/env bash
# Superset of docker-compose.yml: "init" once per start (schema, administrator, dashboards), "serve" for good.
set -euo pipefail
umask 077

# The dashboards name the warehouse by a service of libpq, so that no file of theirs holds a password.
export PGSERVICEFILE="${HOME:-/app/superset_home}/pg_service.conf"
printf '[leadline_bi]\nhost=postgres\ndbname=leadline\nuser=superset_bi\npassword=%s\n' "$LEADLINE_BI_PASSWORD" >"$PGSERVICEFILE"

case "${1:-}" in
init)
    superset db upgrade
    superset fab create-admin --username planner --firstname Leadline --lastname Planner --email planner@leadline.invalid \
        --password "$LEADLINE_PLANNER_PASSWORD"
    superset init
    python -c 'import shutil; shutil.make_archive("/tmp/leadline-bi", "zip", "/leadline/bi", "superset")'
    superset import-dashboards --path /tmp/leadline-bi.zip --username planner
    ;;
serve)
    exec gunicorn --bind 0.0.0.0:8088 --workers 2 --threads 8 --timeout 120 "superset.app:create_app()"
    ;;
*)
    echo "say init or serve" >&2
    exit 64
    ;;
esac
