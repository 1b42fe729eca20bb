# make demo            a running site on this machine       make demo HTTPS=1   for the phones on this network
# make test            everything that proves the code      make lint           only what needs no database
# make bench           the benchmarks                       make screenshots    a picture of every page
# make evaluation      docs/evaluation.md anew              make attacks        docs/liveness.md anew
# make docs-check      the documents against the program    make pictures       the pictures of README.md anew
# make requirements    compile the pinned requirements      make clean          remove all that make made
#
# PYTHON=python3.12 chooses an interpreter (3.11 to 3.13), PORT=9000 the demo's port,
# FINGERPRINT=1 a demo that reads fingerprints too,
# JIANZAI_SHARED=folder a folder with more weights and test data (../shared where it exists).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

VENV ?= .venv
BIN := $(VENV)/bin
PORT ?=
HTTPS ?=
SYSTEM_PACKAGES := chromium fonts-noto-cjk

export JIANZAI_SHARED ?= $(wildcard ../shared)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test lint docs-check bench evaluation attacks screenshots pictures requirements clean install weights browser

demo: install $(if $(FINGERPRINT),$(VENV)/fingerprint.stamp)
	@$(if $(FINGERPRINT),JIANZAI_FINGERPRINT=on )$(BIN)/jianzai demo run $(if $(PORT),--port $(PORT)) $(if $(HTTPS),--https)

test: export JIANZAI_MODE = test
test: lint browser weights $(VENV)/fingerprint.stamp $(VENV)/ray.stamp
	@$(BIN)/python scripts/test.py

lint: docs-check $(VENV)/test.stamp var/lint/installed.stamp
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@JIANZAI_MODE=test DJANGO_SETTINGS_MODULE=jianzai.settings $(BIN)/jianzai django makemigrations --check --dry-run
	@cp eslint.config.mjs var/lint && cd var/lint && PATH="$$PATH:$(abspath $(BIN))" node_modules/.bin/eslint $$(find -L src -path '*/static/*' -name '*.js' ! -name '*.min.js')

docs-check: $(VENV)/test.stamp
	@JIANZAI_MODE=test $(BIN)/python scripts/docs_check.py

# Nothing of npm is needed to run the site: it only brings the linter of the scripts.
var/lint/installed.stamp: package.json $(VENV)/test.stamp
	@mkdir -p var/lint && cp package.json var/lint && ln -sfn ../../src var/lint/src
	@command -v npm >/dev/null || $(BIN)/pip install --quiet --require-hashes -r requirements/node.txt
	@cd var/lint && PATH="$$PATH:$(abspath $(BIN))" npm install --silent --no-package-lock --no-audit --no-fund
	@touch $@

weights: install
	@$(BIN)/jianzai models fetch

# What cannot be measured without faces of many people.
BENCHMARKS_OF_PEOPLE := $(addprefix benchmarks/,drift.py growth.py second_opinion.py thresholds.py)

bench: $(VENV)/benchmarks.stamp $(VENV)/fingerprint.stamp weights
	@for script in $(if $(JIANZAI_SHARED),benchmarks/*.py,$(filter-out $(BENCHMARKS_OF_PEOPLE),$(wildcard benchmarks/*.py))); do \
	  COLUMNS=$${COLUMNS:-140} $(BIN)/python $$script; done
	@$(if $(JIANZAI_SHARED),:,echo "left out: $(BENCHMARKS_OF_PEOPLE), which need faces of many people (JIANZAI_SHARED)")

evaluation: $(VENV)/benchmarks.stamp weights
	@test -d "$(JIANZAI_SHARED)/data/faces/lfw" || { echo "set JIANZAI_SHARED to a folder with data/faces/lfw and data/faces/strangers60"; exit 2; }
	@$(BIN)/jianzai evaluate --people $(JIANZAI_SHARED)/data/faces/lfw --pairs $(JIANZAI_SHARED)/data/faces/lfw/pairs.txt \
	  --strangers $(JIANZAI_SHARED)/data/faces/strangers60 --output var/evaluation \
	  $$($(BIN)/python -c 'from jianzai.faces import available_packs; print(*("--pack " + name for name in available_packs()))')
	@$(BIN)/python scripts/evaluation.py var/evaluation

attacks: install weights
	@test -d "$(JIANZAI_SHARED)/data/videos" || { echo "set JIANZAI_SHARED to a folder with data/videos and data/faces/lfw"; exit 2; }
	@$(BIN)/python benchmarks/attacks.py --output var/attacks
	@$(BIN)/python scripts/liveness.py var/attacks

screenshots: $(VENV)/test.stamp browser weights
	@JIANZAI_SCREENSHOTS=$(abspath var/screenshots) $(BIN)/python -m pytest -q -m browser \
	  $$(grep -rl keep_picture --include='test_*.py' tests) && echo "the pictures lie in var/screenshots"

pictures: $(VENV)/test.stamp browser weights
	@$(BIN)/python -m scripts.pictures

# --- the virtual environment: made anew only when a requirement changed -------------------------------------

install: $(VENV)/install.stamp

$(VENV)/runtime.stamp: requirements/build.txt requirements/runtime.txt
	@bash scripts/environment.sh $(VENV)
	@$(BIN)/pip install --quiet --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@touch $@

$(VENV)/install.stamp: $(VENV)/runtime.stamp pyproject.toml
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/install.stamp requirements/test.txt
	@echo "installing what the tests need ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements/test.txt
	@touch $@

# Fingerprints are off by default, and what reads them is large: only who asks for it installs it.
$(VENV)/fingerprint.stamp: $(VENV)/install.stamp requirements/fingerprint.txt
	@echo "installing what reads fingerprints ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements/fingerprint.txt
	@touch $@

# Ray spreads the modelling of an archive over several machines: only who has them installs it.
$(VENV)/ray.stamp: $(VENV)/install.stamp requirements/ray.txt
	@echo "installing Ray ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements/ray.txt
	@touch $@

$(VENV)/benchmarks.stamp: $(VENV)/install.stamp requirements/benchmarks.txt
	@echo "installing what the benchmarks compare with ..."
	@$(BIN)/pip install --quiet --require-hashes -r requirements/benchmarks.txt
	@touch $@

requirements:
	@command -v uv >/dev/null || { echo "uv compiles the requirements: python3 -m pip install uv"; exit 1; }
	@for name in build runtime fingerprint ray test benchmarks node; do \
	  uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --python-version 3.11 --custom-compile-command "make requirements" \
	    requirements/$$name.in --output-file requirements/$$name.txt; \
	done

# --- what Debian has to give: a browser and a Chinese font for it --------------------------------------------

browser:
	@if dpkg -s $(SYSTEM_PACKAGES) >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "installing $(SYSTEM_PACKAGES) ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(SYSTEM_PACKAGES) >/dev/null; \
	else \
	  echo "the browser tests need Debian packages; run: sudo apt-get install -y $(SYSTEM_PACKAGES)"; exit 1; \
	fi

clean:
	@if $(BIN)/python -c "import jianzai" 2>/dev/null; then \
	  $(BIN)/jianzai demo stop; \
	  $(BIN)/python -c "import shutil; from jianzai.faces.models import cache_dir; \
print('removing', cache_dir()); shutil.rmtree(cache_dir(), ignore_errors=True)"; \
	elif [ -e $(VENV) ]; then \
	  echo "$(VENV) does not run any more: a demo and the cache of weights, if there are any, stay"; \
	fi
	@rm -rf $(VENV) var build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache src/jianzai.egg-info
	@find src tests benchmarks scripts -name __pycache__ -prune -exec rm -rf {} +
