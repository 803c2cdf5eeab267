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

demo: $(READY) ## Run an order's money through escrow on the embedded defaults, and show it
	@$(BIN)/python -m demo

run: $(READY) ## Start the app on http://127.0.0.1:7071 and stay; records in .data, flows in .devhost
	@$(BIN)/python -m devhost

test: $(READY) lint ## Check style and types, then run all tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(READY) ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/mypy

routes: $(READY) ## Write triggers/routes.json anew from the declared routes
	@$(BIN)/python -m triggers.register

bench: $(READY) ## Measure, as ratios against named peers in one run
	@$(BIN)/python -m bench

clean: ## Remove .venv and caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

.PHONY: help setup demo run test lint routes bench clean
