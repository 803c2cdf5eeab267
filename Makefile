# Everything here sets up what it needs by itself: `make test` on a fresh machine is one command.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(READY): requirements.txt requirements-dev.txt
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: $(READY) ## Make .venv with everything pinned in requirements-dev.txt

demo: $(READY) ## Play the stories: from a wish to the door, a recovery, a sunny Thursday, a conflict (ARGS=--json for facts)
	@$(BIN)/python -m demo $(ARGS)

run: $(READY) ## Start the app on http://127.0.0.1:7071 and stay: the demo city opened, tokens printed; records in .data
	@$(BIN)/python -m demo.run

test: $(READY) lint ## Check style and types, then run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY) ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/mypy

routes: $(READY) ## Write anew what follows from declarations: routes.json, flows.json, infra/containers.json
	@$(BIN)/python -m triggers.register
	@$(BIN)/python -m orchestrators.register
	@$(BIN)/python -m infra.containers

soak: $(READY) ## Play bad days (tests/simulation), seed after seed until stopped; SEED=7 to begin there, DAYS=N for N of them
	@$(BIN)/python -m tests.simulation --seed $(or $(SEED),1) --soak $(DAYS)

bench: $(READY) ## Measure, as ratios against named peers in one run
	@$(BIN)/python -m bench

clean: ## Remove .venv and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

.PHONY: help setup demo run test lint routes soak bench clean
