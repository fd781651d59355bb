# One image for every part of Leadline. Not built where it was written (no Docker engine there); see docker-compose.yml.
# The same requirements.lock as everywhere, with hashes: what was tested is what runs.
FROM python:3.11.14-slim-bookworm AS build
WORKDIR /opt/leadline
COPY requirements.lock requirements-uv.lock pyproject.toml README.md LICENSE ./
COPY .ci .ci
COPY cli cli
COPY demo demo
COPY enterprise enterprise
COPY etl etl
COPY expectations expectations
COPY forecasting forecasting
COPY staffing staffing
COPY warehouse warehouse
RUN python .ci/setup_venv.py

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 50000 leadline \
    && useradd --uid 50000 --gid 50000 --home-dir /var/lib/leadline --create-home --shell /usr/sbin/nologin leadline
COPY --from=build /opt/leadline /opt/leadline
COPY config /opt/leadline/config
COPY dags /opt/leadline/dags
COPY docker /opt/leadline/docker
ENV PATH=/opt/leadline/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/leadline
# A named volume takes the owner of the folder it is mounted on.
RUN mkdir -p users .leadline/demo airflow logs && chown -R leadline:leadline /var/lib/leadline
USER 50000:50000
CMD ["leadline", "--help"]
