.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

# Schemathesis's own tests are not run by the processes of pytest-xdist.
FUZZED := tests/webapp/test_openapi_fuzzed.py

.PHONY: help run test test-integration test-debug lint format bench evals record screenshots artifacts clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

# What a command needs is installed once, and again when the project's requirements change.
$(VENV)/.pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.web: pyproject.toml constraints.txt $(VENV)/.pip
	$(PIP) --constraint constraints.txt --editable '.[web]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(VENV)/.pip
	$(PIP) --constraint constraints.txt --editable '.[web,mcp,redis,postgres]' --group dev
	@touch $@ $(VENV)/.web

run: $(VENV)/.web ## serve the web app on http://127.0.0.1:8000 (another port: make run ARGS='--port 8001')
	$(BIN)/dbt-discovery serve $(ARGS)

test: $(VENV)/.dev ## run every test that needs no dbt account, on all cores
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --ignore $(FUZZED)
	$(BIN)/python -m pytest $(FUZZED)

test-integration: $(VENV)/.dev ## run the tests that need a dbt Cloud account (DBT_SERVICE_TOKEN, DBT_ACCOUNT_ID)
	$(BIN)/python -m pytest --run-integration -m integration

test-debug: $(VENV)/.dev ## run the tests with debug logging and full tracebacks
	DBT_DISCOVERY_LOG_LEVEL=DEBUG $(BIN)/python -m pytest -vv --log-cli-level=DEBUG --tb=long

lint: $(VENV)/.dev ## check style, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code into the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## run the benchmarks: ratios, measured in one run
	$(BIN)/python -m benchmarks

evals: $(VENV)/.dev ## run the question set on the chat model in force
	$(BIN)/python -m evals

record: $(VENV)/.dev ## record the cassettes again, from a sandbox or the account that DBT_* variables name
	$(BIN)/python -m pytest tests/cassettes --record-mode=rewrite --override-ini addopts=-q

screenshots: $(VENV)/.dev ## take the documents' screenshots and terminal captures again (needs Chromium)
	$(BIN)/python docs/screenshots/take.py
	$(BIN)/python docs/screenshots/capture.py

artifacts: ## run the dbt project of the tests anew, with real dbt and DuckDB
	$(PYTHON) tests/fixtures/make_artifacts.py

clean: ## remove what the commands above installed
	rm -rf $(VENV) .venv-dbt
