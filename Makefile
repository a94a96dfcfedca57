# Every way to build, run and examine Menshen. `make help` lists them.
# A fresh machine needs git, make and Python 3.11 or newer: set-up brings the rest.

PYTHON ?= python3
BIN    := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup servers serve demo test check bench prove screenshots contracts lock wheel clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: ## put the program at .venv/bin/menshen and build its pages' assets
	@$(PYTHON) scripts/setup.py

servers: # what only root can install for the tests; says at once what is missing
	@$(PYTHON) scripts/servers.py

serve: setup ## serve at http://localhost:8080 with a local mail page beside it
	@exec $(BIN)/menshen serve --with-sink

demo: setup ## serve a scratch deployment full of fictional customers
	@exec $(BIN)/menshen demo

test: servers setup ## run all tests, with real servers and a real browser
	@exec $(BIN)/pytest -n auto --maxprocesses 8 --dist loadfile $(ARGS)

check: setup ## formatting, lint, types, import contracts, catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python scripts/contracts.py --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/house

bench: setup ## measure the figures of docs/performance.md on this machine
	@exec $(BIN)/python -m bench $(ARGS)

prove: servers setup ## the long kill and simulated-year loops
	@exec $(BIN)/pytest -m prove $(ARGS)

screenshots: servers setup ## make the pictures of the README anew
	@exec $(BIN)/python -m scripts.screenshots

contracts: setup ## write the import contracts anew from the folder list
	@$(BIN)/python scripts/contracts.py

lock: setup ## write requirements/*.txt anew, with the newest versions allowed
	@$(BIN)/python scripts/lock.py

wheel: setup ## build the wheel into dist/
	@$(BIN)/hatchling build --target wheel --directory dist

clean: ## remove what set-up and builds made; var/ with its data stays
	rm -rf .venv .cache build dist frontend/node_modules src/menshen/kit/static
