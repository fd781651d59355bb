# Apache Superset with a driver for PostgreSQL, which its image lacks. Not built where it was written; see docker-compose.yml.
FROM apache/superset:6.1.0
RUN /app/.venv/bin/python -c "import sys" && uv pip install --no-cache --python /app/.venv/bin/python psycopg2-binary==2.9.11
USER superset
