# `make run` starts the site, `make test` tests it; both bring along what they need.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PORT ?= 8000
VENV := .venv
PY := $(VENV)/bin/python
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
# Tests start Python often: what was compiled once is kept, though the shell says otherwise.
unexport PYTHONDONTWRITEBYTECODE
PYTEST := $(PY) -m pytest -q -n 2 --dist worksteal # whoever is done first takes from the other
PEERS := tests/peers/atproto
PEERS_STAMP := $(PEERS)/node_modules/.installed
NEW_KEY := $(PY) -c 'import secrets; print(secrets.token_urlsafe(48))'

.PHONY: help run venv venv-dev test test-fast test-postgres test-slow peers test-peers lint fmt bench

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: venv ## run the whole site on this machine (PORT=8000)
	@export SITE_URL="$${SITE_URL:-http://127.0.0.1:$(PORT)}"; \
	exec $(PY) manage.py serve --prepare --port "$(PORT)"

venv: $(RUN_STAMP) ## make .venv with what the site needs

venv-dev: $(DEV_STAMP) ## add what tests and linters need

$(PY):
	@bash .ci/make_venv "$(VENV)"

$(RUN_STAMP): requirements.lock | $(PY)
	@echo "Installing what the site needs into $(VENV)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DEV_STAMP): requirements-dev.lock | $(PY)
	@echo "Installing what tests and linters need into $(VENV)"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(RUN_STAMP)

test: venv-dev test-fast test-postgres ## all quick tests, on SQLite and on PostgreSQL
	@echo "Left out: tests against Bluesky's own servers (make test-peers; needs Node.js 20, npm, a C++ compiler)"

# Tests of races, kills and browsers may meet a bad moment of a busy machine. What failed is tried once
# more by itself, and both tries are printed; what fails twice has failed.
ONCE_MORE := --last-failed --last-failed-no-failures=none
DATABASE_SLOW := tests/scoring tests/perks tests/accounts/test_rotating_killed.py # the others touch no rows
# What holds for any input is tried with a hundred inputs in the quick tests, with a thousand here.
PROPERTIES := tests/scoring/engine tests/scoring/test_explain.py tests/accounts/test_http_guard.py
THOROUGH := -m hypothesis --hypothesis-profile=thorough $(PROPERTIES)

test-fast: venv-dev ## the quick tests on SQLite, in a browser too
	@$(PY) -m tests.chromium
	@$(PYTEST) || $(PYTEST) $(ONCE_MORE)

test-postgres: venv-dev ## the quick tests on PostgreSQL
	@run="$(PY) -m tests.postgres -- $(PYTEST)"; only="not slow and not browser and not peer"; \
	$$run -m "$$only" || $$run -m "$$only" $(ONCE_MORE)

test-slow: venv-dev ## kills, load and many examples, on SQLite and on PostgreSQL
	@$(PYTEST) $(THOROUGH)
	@$(PY) -m pytest -q -m slow || $(PY) -m pytest -q -m slow $(ONCE_MORE)
	@run="$(PY) -m tests.postgres -- $(PY) -m pytest -q $(DATABASE_SLOW)"; only="slow and not browser"; \
	$$run -m "$$only" || $$run -m "$$only" $(ONCE_MORE)

$(PEERS_STAMP): $(PEERS)/package.json $(PEERS)/package-lock.json
	@echo "Installing Bluesky's own servers into $(PEERS)/node_modules"
	@cd $(PEERS) && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@cd $(PEERS) && npm rebuild better-sqlite3 --loglevel=error
	@touch $@

peers: venv-dev $(PEERS_STAMP) ## run Bluesky's own servers on this machine, until Ctrl-D
	@$(PY) -m tests.postgres -- node --no-deprecation $(PEERS)/network.mjs --guide

test-peers: venv-dev $(PEERS_STAMP) ## link and read against Bluesky's own servers
	@$(PY) -m tests.postgres -- $(PY) -m pytest -q -m peer tests/peers

lint: venv-dev ## everything that is checked without running the site
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(VENV)/bin/djlint --quiet --check --lint templates
	@data=$$(mktemp -d); trap 'rm -rf "$$data"' EXIT; export KLOUTSITE_DATA="$$data"; set -x; \
	$(PY) manage.py makemigrations --check --dry-run; \
	export BLUESKY_KEY=$$($(PY) manage.py new_signing_key); \
	export SITE_URL=https://example.org EMAIL_URL=smtps://mail.example.org TRUSTED_PROXIES=1; \
	export DATABASE_URL=postgres://db/kloutsite BROKER_URL=redis://broker/0; \
	export SECRET_KEY=$$($(NEW_KEY)) TOKEN_KEYS=a:$$($(NEW_KEY)) ACTOR_KEY=$$($(NEW_KEY)); \
	$(PY) manage.py check --deploy --fail-level WARNING

fmt: venv-dev ## format code and templates
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/djlint --quiet --reformat templates

# What fills a folder that one names is no measurement.
MEASURED := $(filter-out benchmarks/fill.py,$(wildcard benchmarks/[a-z]*.py))

bench: venv-dev ## measure, printing a table each
	@for file in $(MEASURED); do \
	module=benchmarks.$$(basename "$$file" .py); echo "== $$module"; $(PY) -m "$$module"; done
