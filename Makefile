# `make help` lists the targets. PYTHON picks the interpreter that makes .venv.
PYTHON ?= python3
BIN := .venv/bin
SOURCES := engine web connectors tests

.PHONY: help setup demo demo-check test test-long check format migration docs bench
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/ready ## make .venv with lintas and its tools in it

.venv/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Lintas needs Python 3.11 or newer: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable '.[dev]'
	@touch $@

demo: setup ## run the whole house with sample agencies, processes and people
	$(BIN)/lintas demo

demo-check: setup ## run one licence headless, from upload to issued, and print its history
	$(BIN)/lintas demo --check

test: setup ## run the whole suite, on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

test-long: setup ## 20,000 random models against the oracle, 5,000 damaged files
	$(BIN)/python -m tests.oracle.long

check: setup ## format, lint, types and the floors of the house
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## put the sources into form
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

migration: setup ## write the next migration: make migration NAME="what it does"
	$(BIN)/python -m engine.store.migrate new "$(NAME)"

docs: setup ## write the generated pages of docs/
	$(BIN)/lintas docs

bench: setup ## measure this machine in one table; then check that an old case is as quick as a young one
	$(BIN)/lintas bench
	$(BIN)/python -m pytest tests/bench -m bench -s
