# Gengxin 更新: `make run` starts the dashboard; `make test` checks everything.

.DEFAULT_GOAL := help
.PHONY: help setup run test lint types layers unit browser thorough verify bench test-setup lock messages clean
MAKEFLAGS += --no-print-directory

export PATH := $(CURDIR)/.venv/bin:$(PATH)
heading = @printf '\n== %s\n'

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

setup: ## Prepare everything without starting it
	@sh setup/system.sh postgis
	@sh setup/environment.sh run

run: setup ## Start the dashboard on http://127.0.0.1:8050 (Ctrl-C stops it)
	@exec gengxin up

test-setup: ## Prepare the tests too: Chromium, Chinese fonts, test tools
	@sh setup/system.sh postgis browser
	@sh setup/environment.sh test

test: test-setup lint types layers unit browser ## Run every check and test

lint: test-setup ## Check style and format
	$(heading) "Style (ruff)"
	@ruff check .
	@ruff format --check .

types: test-setup ## Check types
	$(heading) "Types (mypy --strict)"
	@mypy --strict

layers: test-setup ## Check that app, gis and data import only what they may
	$(heading) "Layers (import-linter)"
	@lint-imports

unit: test-setup ## Run the unit and database tests
	$(heading) "Unit and database tests (pytest)"
	@pytest tests --ignore=tests/browser -p no:benchmark -n auto $(PYTEST_OPTIONS)

browser: test-setup ## Run the tests in a real Chromium
	$(heading) "Browser tests (pytest, Chromium)"
	@pytest tests/browser -p no:benchmark -n auto -m "not thorough" $(PYTEST_OPTIONS)

thorough: test-setup ## Run the browser tests that take longest, too
	$(heading) "All browser tests (pytest, Chromium)"
	@pytest tests/browser -p no:benchmark -n auto $(PYTEST_OPTIONS)

verify: test-setup ## List figures beside those of others in docs/verification.md
	$(heading) "Figures beside those of others"
	@pytest tests/gis -p no:benchmark -n 0 --verified docs/verification.md $(PYTEST_OPTIONS)

bench: test-setup ## Measure speed
	$(heading) "Benchmarks (pytest-benchmark)"
	@pytest benchmarks -p no:xdist -s --benchmark-columns=median,mean,max,rounds $(PYTEST_OPTIONS)

lock: test-setup ## Write the lock files anew from requirements/*.in
	@sh setup/lock.sh

messages: setup ## Collect new texts for translation into app/locale
	@pybabel -q extract -k _ -k N_ --no-wrap -o app/locale/messages.pot app data gis
	@pybabel -q update -l zh_CN -i app/locale/messages.pot -d app/locale --no-fuzzy-matching --no-wrap

clean: ## Remove the environment and caches; the database stays
	rm -rf .venv .venv.lock build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks
	find app data gis migrations tests benchmarks -name __pycache__ -prune -exec rm -rf {} +
