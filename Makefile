# AiWorker: `make` lists what there is. Everything here is also one plain command; nothing is hidden in make.
.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
# One more than there are processors: much of a test is waiting.
TESTERS = $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

.PHONY: help setup demo test check check-python check-page lint web up soak bench bench-engines bench-scale clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install everything into this folder (safe to repeat)
	@scripts/setup

demo: setup ## watch one task go from the backlog to production and back
	@$(BIN)/aiworker demo

test: ## set up and run all tests
	@scripts/setup --tests
	@npm --prefix web run --silent test
	@$(BIN)/pytest -q -n $(TESTERS) --maxprocesses 8 --dist worksteal

up: setup ## start the server on http://127.0.0.1:3000
	@$(BIN)/aiworker up

check: setup ## formatting, linters, types, layers; Python and page
	@$(MAKE) --no-print-directory -j 2 check-python check-page

check-python:
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports --no-logo

check-page:
	@npm --prefix web run --silent check

lint: ## mend what the linters can mend by themselves
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

web: setup ## work on the page, reloaded as you type (needs `make up` beside it)
	@npm --prefix web run dev

soak: setup ## the long runs that `make test` leaves out
	@$(BIN)/pytest -q -m soak

bench: setup ## measure how fast it starts and what it holds when idle
	@$(BIN)/python -m benchmarks

bench-engines: setup ## measure the engine beside its peers, on private servers (half an hour)
	@$(BIN)/python -m benchmarks.engines

bench-scale: setup ## measure what a million robots cost, on the three databases (half an hour)
	@$(BIN)/python -m benchmarks.scale

clean: ## remove everything that setup and the tests made
	@rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis .schemathesis .import_linter_cache test-results dist
	@rm -rf web/node_modules web/.vite src/aiworker/edge/page/dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
