# `make` alone prints this list. Everything runs from .venv, which is made once from requirements.lock.
# PYTHON=python3.12 names the interpreter to make it with; the default is python3.
BIN := .venv/bin
STAMP := .venv/.made-in

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_USER := 0
export PYTHONNOUSERSITE := 1

.DEFAULT_GOAL := help
.PHONY: help demo test fast slow lint format site serve lab lock bench clean browser FORCE

help: ## print this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## assess the four demo projects, build the site, say where it is
	$(BIN)/riskkit run
	$(BIN)/riskkit build

test: lint fast slow ## everything CI checks: lint, fast tests, then kernel and browser tests

fast: $(STAMP) ## the tests that take seconds
	$(BIN)/python -m pytest -m "not kernel and not browser and not slow" -n 2

slow: $(STAMP) browser ## the tests that start kernels, browsers or builds (two at a time)
	$(BIN)/python -m pytest -m "kernel or browser or slow" -n 2 --dist worksteal

lint: $(STAMP) ## style, strict types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## let ruff put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

site: $(STAMP) ## build the site from the records there are
	$(BIN)/riskkit build

serve: $(STAMP) ## build the site and show it at a local address
	$(BIN)/riskkit serve

lab: $(STAMP) ## open JupyterLab here
	$(BIN)/riskkit lab

bench: $(STAMP) ## run every benchmark (BENCH=--quick for the short ones)
	@missed=; for script in benchmarks/[a-z]*.py; do \
	$(BIN)/python "$$script" $(BENCH) || missed="$$missed $$script"; done; \
	[ -z "$$missed" ] || { echo "not met:$$missed"; exit 1; }

lock: ## write requirements.lock anew (UPGRADE=--upgrade to take newer versions)
	@sh .ci/lock $(UPGRADE)

clean: ## remove what can be made again (not .venv, not records/)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

browser:
	@sh .ci/chromium

# Made anew when the lock changes, when another PYTHON is named, and when the folder was moved (the programs in it
# hold absolute paths).
ifneq ($(shell cat $(STAMP) 2>/dev/null)$(PYTHON),$(CURDIR))
$(STAMP): FORCE
endif
$(STAMP): requirements.lock pyproject.toml .ci/venv
	@sh .ci/venv && pwd -P > $(STAMP)
