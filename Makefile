# Every target sets up what it needs by itself; Python >= 3.11 and make are enough.
# PYTHON=/path/to/python names another interpreter than python3.

PYTHON ?= python3
FUZZ_SECONDS ?= 60
FUZZ_INPUTS ?=
MUTANTS ?= 100000
BIN := .venv/bin
SETUP := $(PYTHON) scripts/setup_env.py
PYTEST := $(BIN)/pytest
LINTED := src tests bench scripts

.DEFAULT_GOAL := help
.PHONY: help setup demo test browser live faults races check lint types docs bench fuzz audit clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 15

setup: ## .venv with oimkit and its test tools
	@$(SETUP) test

demo: ## from a lead to a settled bank entry on the embedded Odoo; writes out/demo/index.html
	@$(SETUP) test
	@$(BIN)/oimkit demo

test: ## every ring that needs no real server and no browser
	@$(SETUP) test
	$(PYTEST) -m "not live and not browser" --numprocesses auto --dist worksteal

browser: ## the HTML pages in headless Chromium
	@$(SETUP) test
	@$(BIN)/python scripts/setup_browser.py
	$(PYTEST) -m browser tests/browser

live: ## real Odoo 14 and 19, or the server of OIMKIT_LIVE_*
	@$(SETUP) test
	$(BIN)/python -m tests.live.servers up >/dev/null # it prints the throw-away secrets
	$(BIN)/python -m tests.live.servers status
	$(BIN)/python -m tests.live.ring

faults: ## the chain killed at every checkpoint, the journal cut at every byte, 1,000 races to bill, 100,000 histories (long)
	@$(SETUP) test
	OIMKIT_EVERY_CHECKPOINT=1 $(PYTEST) -s tests/faults/test_chain_crash.py tests/faults/test_torn_journal.py tests/faults/test_billing_race.py
	$(BIN)/python -m tests.simulation --seeds 100000

races: ## 8 processes on the same 300 keys, 5 rounds, on real Odoo 14 and 19 with and without workers (long)
	@$(SETUP) test
	$(BIN)/python -m tests.live.servers up >/dev/null # it prints the throw-away secrets
	$(BIN)/python -m tests.live.races

check: lint types test ## ruff, mypy --strict, import graph, tests, docs

lint: ## ruff
	@$(SETUP) test check
	$(BIN)/ruff check $(LINTED)
	$(BIN)/ruff format --check $(LINTED)

types: ## mypy --strict
	@$(SETUP) test check
	$(BIN)/mypy --strict src/oimkit

docs: ## every code block of the documentation runs, every link resolves
	@$(SETUP) test
	$(PYTEST) tests/house/test_docs.py tests/house/test_docstrings.py

bench: ## the benchmarks; ratios on the screen, figures in out/bench/*.json
	@$(SETUP) test bench
	@mkdir -p out/bench
	@set -e; for module in bench/[a-z]*.py; do echo "== $$module"; $(BIN)/python -m "bench.$$(basename $$module .py)"; done

fuzz: ## each fuzz target for FUZZ_SECONDS (or on FUZZ_INPUTS inputs), MUTANTS statements with one sign changed, growth to 2 MB (long)
	@$(SETUP) test
	$(BIN)/python -m tests.fuzz $(if $(FUZZ_INPUTS),--inputs $(FUZZ_INPUTS),--seconds $(FUZZ_SECONDS))
	$(BIN)/python -m tests.mutants --mutants $(MUTANTS)
	OIMKIT_GROWTH_BYTES=1048576 $(PYTEST) tests/fuzz/test_growth.py

audit: ## known holes in what is installed, asked of the registry (before a release; needs a network)
	@$(SETUP) test audit
	@mkdir -p out
	@$(BIN)/python -m pip list --format freeze --exclude-editable >out/audited.txt
	$(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off --requirement out/audited.txt

clean: ## remove what the targets above have made, but for the caches of the user
	rm -rf .venv out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
