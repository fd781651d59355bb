# Leadline: `make run` plans tomorrow, `make help` lists the rest.
# Needs Python 3.11 to 3.13 and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
PACKAGES := cli dags demo enterprise etl expectations forecasting staffing warehouse
STAMP := .venv/.complete

.DEFAULT_GOAL := help
.PHONY: help setup run test tests test-cluster test-backfill lint secret-scan audit typecheck format bench fuzz docs up cluster down status clean lock demo doctor secrets system migration superset-bundle

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## make .venv from requirements.lock, with the command `leadline`

$(STAMP): requirements.lock requirements-uv.lock pyproject.toml .ci/setup_venv.py
	@echo "Installing the packages of requirements.lock into .venv ..."
	@$(PYTHON) .ci/setup_venv.py
	@touch $@

run: setup ## run the nightly for the last demo day, from source systems to published plan
	@$(BIN)/leadline run

# At once: the type checker and the audit are one process each, which works or waits while another processor stands idle.
test: setup ## lint, and every test but those of the cluster
	@$(MAKE) --no-print-directory system || true
	@$(MAKE) --no-print-directory --jobs=2 lint tests

tests: setup ## every test but those of the cluster, without lint
	$(BIN)/pytest -n 2 --dist worksteal

test-cluster: setup ## nights on Celery workers through every fault of docs/faults.md; takes half an hour
	@$(MAKE) --no-print-directory system || true
	$(BIN)/pytest -m cluster tests/cluster

test-backfill: setup ## sixty nights in any order, by Airflow's backfill too, and a night that is watched; takes an hour
	$(BIN)/pytest -m backfill tests/backfill

lint: setup ## ruff, formatting, types, import rules, secrets in files, vulnerable packages, the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory typecheck
	$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory secret-scan audit
	@if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint Dockerfile; else echo "hadolint is not had for this machine: Dockerfile not checked."; fi

# Tests and examples in docstrings hold made-up secrets on purpose, locks and reference values long numbers.
secret-scan: setup ## look for secrets in the files that git keeps
	@if git rev-parse --git-dir >/dev/null 2>&1; then \
		git ls-files -z | grep -zvE '^(tests|docs|staffing/reference)/|\.lock$$|\.sql$$' | xargs -0 $(BIN)/detect-secrets-hook --no-verify \
			--exclude-lines '>>> |://leadline:secret@|the name of the secret'; \
	else echo "No git checkout: not scanned for secrets."; fi

audit: setup ## ask about known vulnerabilities of the locked packages
	@$(BIN)/python .ci/audit.py

typecheck: setup ## mypy --strict
	$(BIN)/mypy

format: setup ## put the code in order with ruff
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: setup ## run the benchmarks (they measure; they never fail)
	@for script in benchmarks/bench_*.py; do \
		if [ -e "$$script" ]; then echo "== $$script"; $(BIN)/python "$$script" || exit 1; fi; done

FUZZ_SECONDS ?= 60
fuzz: setup ## look for bytes that break a parser, FUZZ_SECONDS for each, going on where the last run stopped
	@for script in tests/fuzz/fuzz_*.py; do \
		known=.leadline/fuzz/known/$$(basename $$script .py); mkdir -p $$known; echo "== $$script"; \
		$(BIN)/python "$$script" $$known -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 || exit 1; done

docs: setup ## write the generated pages under docs/ (the data dictionary)
	$(BIN)/leadline docs

superset-bundle: setup ## write build/leadline-bi.zip, the dashboards for Superset (warehouse/bi/README.md)
	@mkdir -p build
	@$(BIN)/python -c "import shutil; shutil.make_archive('build/leadline-bi', 'zip', 'warehouse/bi', 'superset')"
	@echo build/leadline-bi.zip

migration: setup ## draft the next migration from the declarations: make migration WORDS="what changes"
	@$(BIN)/python -m warehouse.migration_draft "$(WORDS)"

up: setup ## start PostgreSQL and Airflow and leave them running
	@$(BIN)/leadline up

cluster: setup ## the parts of production on this machine: Celery workers, Redis, an object store; leave them running
	@$(BIN)/leadline cluster

down: ## stop what `make up` or `make cluster` started
	@if [ -x $(BIN)/leadline ]; then $(BIN)/leadline down; fi

status: setup ## say what is running
	@$(BIN)/leadline status

demo: setup ## simulate the demo enterprise's source systems
	@$(BIN)/leadline demo-data

doctor: setup ## check settings, sources, database and disk, and say what to mend
	@$(BIN)/leadline doctor

secrets: setup ## write .env.compose with generated secrets for docker-compose.yml
	@$(BIN)/leadline compose-secrets

clean: down ## stop everything, remove local state (.leadline), caches and build results; .venv stays
	rm -rf .leadline build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

lock: setup ## resolve the dependencies anew and write both lock files (hashes, no addresses)
	UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --group dev --extra cluster pyproject.toml --output-file requirements.lock $(LOCK_OPTIONS)
	echo uv | UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate - --output-file requirements-uv.lock $(LOCK_OPTIONS)

# Some tests need more than Python packages: a browser opens the plan book, a mail server holds mailboxes. They are skipped without.
# Dovecot's own service is not needed, so it is not left running where this installs it.
system: ## install the Debian packages that some tests need (chromium, dovecot-imapd, redis-server, libfaketime), if that is allowed here
	@missing=""; \
	if ! command -v chromium >/dev/null 2>&1; then missing="$$missing chromium"; \
		echo "chromium is missing: without it the test that opens the plan book in a browser is skipped."; fi; \
	if ! command -v dovecot >/dev/null 2>&1 && ! [ -x /usr/sbin/dovecot ]; then missing="$$missing dovecot-imapd"; \
		echo "dovecot-imapd is missing: without it the tests of mailboxes over IMAP are skipped."; fi; \
	if ! command -v redis-server >/dev/null 2>&1; then missing="$$missing redis-server"; \
		echo "redis-server is missing: without it make cluster and the tests of it are not had."; fi; \
	if ! ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1; then missing="$$missing libfaketime"; \
		echo "libfaketime is missing: without it no worker of make test-cluster has a wrong clock."; fi; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null 2>&1; then echo "This is no Debian: install$$missing by hand."; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as="env"; elif sudo -n true 2>/dev/null; then as="sudo"; else \
		echo "To have it: sudo apt-get install$$missing"; exit 1; fi; \
	echo "Installing$$missing ..."; \
	$$as apt-get update -qq >/dev/null 2>&1; \
	failed=""; for package in $$missing; do \
		$$as env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$package >/dev/null 2>&1 \
			|| { failed=1; echo "$$package could not be installed here: its tests are skipped."; }; \
	done; \
	case "$$missing" in *dovecot*) if command -v systemctl >/dev/null 2>&1; then \
		$$as systemctl disable --now dovecot.service dovecot.socket >/dev/null 2>&1 || true; fi;; esac; \
	case "$$missing" in *redis*) if command -v systemctl >/dev/null 2>&1; then \
		$$as systemctl disable --now redis-server.service >/dev/null 2>&1 || true; fi;; esac; \
	[ -z "$$failed" ]
