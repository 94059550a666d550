# What is done again and again. `make` alone lists it.
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help venv check test test-all docs bench coverage mutation lowest newest fuzz release

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

venv: ## Make .venv with everything the tests need, in the versions that CI uses
	python3 -m venv .venv
	PIP_CONSTRAINT=constraints.txt $(BIN)/pip install -q -e '.[test]'

check: ## Lint, format and types
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

test: ## The quick tier
	$(BIN)/pytest

test-all: ## Every tier: slow, browser and cluster too
	$(BIN)/pytest -m ""

docs: ## Build the pages, with every warning an error
	$(BIN)/python -m sphinx -W --keep-going -q docs build/docs

bench: ## Measure the kernels and what the harness adds to a run
	$(BIN)/pytest -n0 tests/performance --benchmark-only
	$(BIN)/python tests/performance/harness_overhead.py

coverage: ## Branch coverage of the quick tier in its own process; fails below the floor (`fail_under` in pyproject.toml)
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest -n0
	$(BIN)/python -m coverage report

mutation: ## Change cost model, meter, outcome and keys in small ways; say which changes no test notices
	$(BIN)/python tests/mutation/mutate.py

lowest: ## Install the lowest versions of the dependencies that are allowed, and use them
	$(BIN)/python tests/dependencies/bounds.py lowest

newest: ## The same with the newest; PYTHON=path for another interpreter
	$(BIN)/python tests/dependencies/bounds.py newest $(if $(PYTHON),--python $(PYTHON))

COUNT ?= 20000
SEED ?= 0
fuzz: ## Read COUNT mutated files (of seed SEED), and whatever else tests/fuzz mutates
	for module in $(filter-out tests/fuzz/test_%.py tests/fuzz/mutations.py,$(wildcard tests/fuzz/*.py)); do $(BIN)/python $$module $(COUNT) --seed $(SEED) || exit 1; done

release: ## Collect changes/*.md into CHANGELOG.md for VERSION=x.y.z, and build the distributions
	$(BIN)/python changes/collect.py $(VERSION)
	$(BIN)/python -m pip wheel --no-deps -w dist .
