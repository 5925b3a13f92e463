# Kadai: `make help` lists what there is.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
.DEFAULT_GOAL := help
.PHONY: help up install install-dev browser test check bench messages screenshots clean

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

up: install ## Install what is missing and start everything; Ctrl-C stops it
	@exec $(PY) manage.py up

install: $(VENV)/installed-base ## Make .venv from the hash-pinned lock

install-dev: $(VENV)/installed-dev ## The same, with what tests and checks need

$(VENV)/bin/python:
	@bin/make-venv $(PYTHON) $(VENV)

$(VENV)/installed-base: requirements/base.txt | $(VENV)/bin/python
	@bin/pip-install $(VENV) requirements/base.txt
	@touch $@

$(VENV)/installed-dev: requirements/dev.txt | $(VENV)/bin/python
	@bin/pip-install $(VENV) requirements/dev.txt
	@touch $@ $(VENV)/installed-base

browser: ## Find Chromium, or install Debian's where that is allowed
	@bin/find-chromium

test: install-dev ## Run all tests
	@bin/run-tests

check: install-dev ## Lint, types, import rules, migrations, translations, schema
	@bin/run-checks

bench: install-dev ## Every figure of the README, written to bench/results/
	@bin/run-benchmarks

screenshots: install-dev ## Take the README's pictures from a running Kadai
	@$(PY) -m bench.screenshots

messages: install-dev ## Collect and compile translations
	$(PY) manage.py makemessages -l ja --no-obsolete --no-location
	$(PY) manage.py compilemessages -l ja

clean: ## Remove .venv; the data under var/ stay
	rm -rf $(VENV)
