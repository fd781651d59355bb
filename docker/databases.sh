#!/usr/bin/env bash
# Run once by PostgreSQL's image when the database is made: databases, each with an owner of its own, and logins that own nothing.
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
make_database superset "$LEADLINE_SUPERSET_PASSWORD"

# The pipeline and the dashboards own nothing: they log in as members of a role (warehouse/roles), and migrating alone is the owner's.
psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --file=/leadline/roles.sql
make_login() {
    psql --set=ON_ERROR_STOP=1 --set=name="$1" --set=role="$2" --set=password="$3" --username=postgres --dbname=postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password' IN ROLE :"role";
SQL
}
make_login leadline_pipeline leadline_writer "$LEADLINE_PIPELINE_PASSWORD"
make_login superset_bi leadline_reader "$LEADLINE_BI_PASSWORD"
