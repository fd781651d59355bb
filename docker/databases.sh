#!/usr/bin/env bash
# Run once by PostgreSQL's image when the database is made: two databases, each with an owner of its own.
set -euo pipefail

make_database() {
    local name=$1 password=$2
    psql --set=ON_ERROR_STOP=1 --set=name="$name" --set=password="$password" --username=postgres --dbname=postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database leadline "$LEADLINE_WAREHOUSE_PASSWORD"
make_database airflow "$LEADLINE_METADATA_PASSWORD"
