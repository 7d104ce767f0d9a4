# The one door for people who work on Dothi. `make demo`, `make test` and `make check` do all of their set-up themselves.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo install test check nightly fuzz bench e2e docs new-domain lock

DEMO_HOME ?= .dothi
PORT ?= 8000
# More options of `dothi up`, such as DEMO_ARGS="--speed 60 --seed 7".
DEMO_ARGS ?=
# More options of pytest, such as TEST_ARGS="-k lamp".
TEST_ARGS ?=

# What `make fuzz` tries, and how long each.
FUZZ ?= $(notdir $(wildcard tests/fuzz/examples/*))
SECONDS ?= 180

VENV := .venv/bin
LINT := .venv-lint/bin
# Node.js stands in .venv where the system has none that is new enough: what runs it gets .venv on its path.
NODE := PATH="$(CURDIR)/$(VENV):$$PATH"

help: ## say what there is to make
	@grep -hE '^[a-z0-9-]+:.*##' Makefile | sed -E 's/^([a-z0-9-]+):.*## /make \1\t/' | expand -t 20

demo: ## run Dothi with a simulated city: make demo DEMO_HOME=.dothi PORT=8000
	@tools/setup.sh demo
	@exec $(VENV)/dothi up --demo --home "$(DEMO_HOME)" --port "$(PORT)" $(DEMO_ARGS)

install: ## do the set-up alone, as for production
	@tools/setup.sh demo

test: ## run every test but the nightly ones, the browser's included
	@tools/setup.sh test
	@$(NODE) pytest -m "not nightly" $(TEST_ARGS)

nightly: ## run every test, those that take longer too
	@tools/setup.sh test
	@$(NODE) pytest $(TEST_ARGS)

fuzz: ## fuzz every decoder, or one: make fuzz FUZZ=entity SECONDS=60
	@tools/setup.sh fuzz
	@for target in $(FUZZ); do \
	  PYTHONPATH=build/fuzzer $(VENV)/python -m tests.fuzz "$$target" -max_total_time=$(SECONDS); \
	done

e2e: ## run the browser's tests alone
	@tools/setup.sh test
	@$(NODE) pytest -m browser $(TEST_ARGS)

check: ## run everything that judges the code without running it
	@tools/setup.sh check
	$(LINT)/ruff check
	$(LINT)/ruff format --check
	$(VENV)/mypy
	PYTHONPATH=src $(LINT)/lint-imports
	PYTHONPATH="$$($(VENV)/python -c 'import site; print(site.getsitepackages()[0])')" $(LINT)/deptry .
	$(LINT)/semgrep scan --quiet --error --metrics=off --disable-version-check --config tools/check/semgrep
	$(VENV)/python -m tools.check
	$(NODE) npm --silent run check
	$(LINT)/towncrier build --draft --version next > /dev/null

bench: ## measure, against peers and limits
	@tools/setup.sh test
	@$(NODE) python -m bench

docs: ## build the documentation into site/
	@tools/setup.sh test
	@$(VENV)/python -m tools.reference --gather
	@$(VENV)/zensical build --clean

new-domain: ## make a domain from the template: make new-domain NAME=waste
	@tools/setup.sh demo
	@$(NODE) python -m tools.new_domain "$(NAME)"

lock: ## compile every lock anew, without addresses
	@tools/setup.sh demo
	@compile() { $(VENV)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$$@"; }; \
	compile pyproject.toml --output-file requirements.lock; \
	compile pyproject.toml --extra test --extra docs --output-file requirements-test.lock; \
	compile requirements-lint.in --output-file requirements-lint.lock; \
	compile requirements-setup.in --output-file requirements-setup.lock; \
	compile requirements-node.in --output-file requirements-node.lock; \
	compile requirements-fuzz.in --output-file requirements-fuzz.lock; \
	$(NODE) npm --silent install --package-lock-only --omit-lockfile-registry-resolved
