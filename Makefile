# AskOnce: `make demo` runs it, `make test` checks it, `make help` lists the rest. Needs Python 3.11 or newer and make.
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never

# uv takes seconds where pip takes a minute; both refuse a file whose hash is not in the lock.
define install
	@$(BIN)/pip install --quiet --require-hashes -r requirements-uv.txt \
	  && $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) \
	  || { echo "uv could not do it, trying pip"; $(BIN)/pip install --quiet --require-hashes -r $(1); }
endef

.PHONY: help demo setup test thorough lint format types shots lock clean

help: ## explain every target
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  Settings of the run: PORT (8000), ASKONCE_VAR (var). All of them: docs/operations.md"

demo: .venv/.run ## run everything here: broker, database, web, worker, beat; stop with Ctrl-C (PORT, ASKONCE_VAR)
	@exec $(BIN)/python -m config.supervisor demo

setup: .venv/.dev ## prepare .venv with everything that running and testing need
	@echo ".venv is ready"

test: .venv/.dev ## lint, types, checks, the suite with real processes; says what it skipped and why
	@exec $(BIN)/python -m tests.suite

thorough: .venv/.dev ## the tests whose strength is their number, at full number (many minutes)
	@ASKONCE_THOROUGH=1 $(BIN)/python -m pytest -rs --color=no -m thorough

lint: .venv/.dev ## ruff and formatting only
	@exec $(BIN)/python -m tests.suite lint

types: .venv/.dev ## mypy --strict only
	@exec $(BIN)/python -m tests.suite types

shots: .venv/.dev ## walk the whole story in Chromium and renew the pictures of the README
	@mkdir -p docs/screenshots && ASKONCE_SHOTS=docs/screenshots $(BIN)/python -m pytest -m browser tests/journeys

format: .venv/.dev ## rewrite the code in the house format
	@$(BIN)/ruff check --quiet --fix .; $(BIN)/ruff format .

lock: .venv/.dev ## write the hashed locks again from the .in files
	@for name in requirements requirements-dev requirements-uv; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $$name.in -o $$name.txt || exit 1; \
	done; git diff --stat -- 'requirements*.txt'

clean: ## remove .venv, caches and test output; the data folder var/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results staticfiles
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	@echo "Preparing .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/.run: requirements.txt requirements-uv.txt | .venv/bin/python
	$(call install,requirements.txt)
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt requirements-uv.txt | .venv/bin/python
	$(call install,requirements-dev.txt)
	@touch .venv/.run $@
