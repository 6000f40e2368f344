# Everything a newcomer needs. A fresh clone sets itself up: `make run`.

PYTHON ?= python3
PORT ?= 8000
DATA ?= .calllist
BIN := .venv/bin
# Set-up is done again only when what it depends on changes.
STAMP := .venv/ready-$(shell cat requirements.lock pyproject.toml | sha256sum | cut -c1-16)

export PORT
export CALLLIST_HOME := $(abspath $(DATA))
# NAME= and the like count only when given to make: some shells have a NAME of their own.
given = $(if $(filter command,$(firstword $(origin $(1)))),$(2) "$($(1))")

ifneq ($(filter demo,$(MAKECMDGOALS)),)
ifndef FILE
$(error Which file? make demo FILE=list.csv [PHONE=header] [NAME=header])
endif
endif

.DEFAULT_GOAL := help
.PHONY: help run demo test lint fix bench bench-keeper bench-intake bench-desk bench-destroy bench-calls mutate screens clean thief fuzz soak

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' $(MAKEFILE_LIST) | \
	    while read -r name text; do printf '  make %-14s %s\n' "$$name" "$$text"; done

run: $(STAMP)  ## the platform with its demonstration world on 127.0.0.1:8000 (PORT=, DATA=); Ctrl-C stops it
	@exec $(BIN)/python -m demo.run

demo: $(STAMP)  ## the main job on your file, upload to certificate: FILE=list.csv [PHONE=header] [NAME=header]
	@exec $(BIN)/python -m demo.headless "$(FILE)" $(call given,PHONE,--phone) $(call given,NAME,--name) \
	    $(call given,KANA,--kana) $(call given,REFERENCE,--reference) $(if $(SYNTHETIC),--synthetic)

test: $(STAMP)  ## the whole suite, unit to browser (ARGS= go to pytest)
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(STAMP)  ## style, types and the floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(STAMP)  ## mend what the linters can mend
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(STAMP)  ## ratios side by side, in one run
	@$(BIN)/python -m tests.bench

bench-keeper: $(STAMP)  ## the key plane's figures beside their targets; the last line is JSON
	@$(BIN)/python -m tests.bench.keeper

bench-intake: $(STAMP)  ## files through the real intake beside plain COPY: [ROWS=1000000] [LISTS=69]; the last line is JSON
	@$(BIN)/python -m tests.bench.intake $(if $(ROWS),--rows $(ROWS)) $(if $(LISTS),--lists $(LISTS))

bench-desk: $(STAMP)  ## a centre of [SEATS=4000] at its desks for [SECONDS=600], and one desk beside a bare one; the last line is JSON
	@$(BIN)/python -m tests.bench.desk $(if $(SEATS),--seats $(SEATS)) $(if $(SECONDS),--seconds $(SECONDS))

bench-destroy: $(STAMP)  ## from the manager's word until nobody opens, and until certified: [ROWS=1000000]; the last line is JSON
	@$(BIN)/python -m tests.bench.destroy $(if $(ROWS),--rows $(ROWS))

bench-calls: $(STAMP)  ## calls back: is a hit told from a miss by its time: [PAIRS=1000]; the last line is JSON
	@$(BIN)/python -m tests.bench.calls $(if $(PAIRS),--pairs $(PAIRS))

mutate: $(STAMP)  ## try every small wrong in crypto/, list what no test notices: [MODULE=crypto/disclosure/door.py]
	@$(BIN)/python -m tests.mutation $(MODULE)

thief: $(STAMP)  ## an insider robs a small real platform: ROLE=operator|manager|issuer|dba|root|backup|developer
	@$(BIN)/python -m tests.redteam "$(ROLE)"

fuzz: $(STAMP)  ## rave at the keeper's wire or (TARGET=files) the file reader: [SECONDS=60]; findings in .fuzz/
	@$(BIN)/python -m tests.fuzz.$(or $(TARGET),frames) --seconds $(or $(SECONDS),60) --keep .fuzz$(if $(TARGET),/$(TARGET))

soak: $(STAMP)  ## what takes an hour or a night, one after the other: [ARGS=-k broker]
	@$(BIN)/python -m pytest tests/soak -m soak -o addopts= --strict-markers --import-mode=importlib -rA $(ARGS)

screens: $(STAMP)  ## a picture of every screen, in screens/
	@$(BIN)/python -m tests.browser.screens screens

clean:  ## forget the demonstrations' data (stop them first)
	@for data in "$(DATA)" .calllist-demo; do \
	    if [ ! -e "$$data" ]; then continue; fi; \
	    flock --nonblock "$$data" rm -rf "$$data" && echo "Forgotten: $$data" || { \
	        echo "$$data is in use: stop it first (Ctrl-C where it runs)." >&2; exit 1; }; \
	done

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
	    echo '$(PYTHON) is missing. On Debian: apt-get install python3 python3-venv' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'calllist needs Python 3.11 or newer; try: make PYTHON=python3.12 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	    echo 'Python lacks venv. On Debian: apt-get install python3-venv' >&2; exit 1; }
	@echo 'Setting up .venv (once, and whenever the pinned dependencies change) ...'
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install -qq --require-hashes --requirement requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@
