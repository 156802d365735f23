# Everything a developer does here, one word each; `make` alone lists them. Needs python3 (3.11 or newer) and make.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARGS ?=
SEEDS ?=
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv --quiet
TIERS := tidy unit contract node federation browser chart fault
# Not part of `make test`: what these need takes about 10 minutes to build, once; or a Docker engine.
TIERS_APART := cluster compose
PREFETCH := services/fengqiao/entry/local/prefetch.py

# Programs of the environment come first, so that protoc finds its plugins and npm its node.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export UV_PYTHON := $(CURDIR)/$(BIN)/python
# `make test-fault SEEDS=1..10` plays ten seeds; without, one is drawn and told.
export FENGQIAO_FAULT_SEEDS ?= $(SEEDS)

.PHONY: help
help: ## list what can be made
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN { FS = ":.*## " } { printf "  make %-14s %s\n", $$1, $$2 }'
	@echo "  make test-TIER      one tier: $(TIERS); ARGS='-k word' goes to pytest"
	@echo "  make test-cluster   install, upgrade, roll back and test the charts on a real Kubernetes control plane; after make cluster-tools"
	@echo "  make test-compose   the county of deploy/compose.yaml from built images; after make image, make images-test, make browser-tools"

# --- the environment ---------------------------------------------------------------------------------------------

.PHONY: setup
setup: $(VENV)/.ready ## the environment in .venv, locked and hashed, and the jars of Kafka; done once

$(VENV)/.uv: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Fengqiao needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version). Try: make setup PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(MAKE) python-venv
	@mkdir -p build && awk '/^uv==/ { on = 1 } on && /^ +# via/ { exit } on' requirements.lock > build/uv.lock
	@if [ ! -x $(BIN)/uv ]; then echo "setup: making $(VENV)"; $(PYTHON) -m venv --clear $(VENV); fi
	@$(BIN)/python -m $$([ -x $(BIN)/uv ] && echo uv) pip install --quiet --require-hashes --requirement build/uv.lock
	@touch $@

$(VENV)/.synced: $(VENV)/.uv requirements.lock pyproject.toml
	@echo "setup: installing the locked packages"
	@$(UV) pip sync --require-hashes requirements.lock
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready: $(VENV)/.synced $(wildcard $(PREFETCH))
	@if [ -f $(PREFETCH) ]; then echo "setup: fetching what the local stack needs"; $(BIN)/python -m fengqiao.entry.local.prefetch; fi
	@touch $@
	@echo "setup: ready"

.PHONY: python-venv
python-venv:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "setup: this Python has no venv; installing Debian's python3-venv"; \
	  apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null; \
	else \
	  echo "This Python cannot make environments. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; \
	fi

.PHONY: lock
lock: setup ## pin all dependencies again, with hashes; UPGRADE=1 takes the newest
	@$(UV) pip compile pyproject.toml --extra local --group dev --universal --python-version 3.11 --no-emit-index-url \
	  --generate-hashes $(if $(UPGRADE),--upgrade) -o requirements.lock
	@$(UV) pip compile pyproject.toml --python-version 3.11 --python-platform x86_64-manylinux_2_28 --no-emit-index-url \
	  --generate-hashes --constraint requirements.lock --no-annotate -o deploy/image/requirements.lock
	@$(UV) pip compile pyproject.toml deploy/single/parts.in --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
	  --no-emit-index-url --generate-hashes --constraint requirements.lock --no-annotate -o deploy/single/requirements.lock

# --- running -----------------------------------------------------------------------------------------------------

.PHONY: demo
demo: setup ## a running city of 147 centres, in the foreground until Ctrl-C
	@$(BIN)/fengqiao local up

.PHONY: bench
bench: setup ## benchmarks with their floors from the same run; writes build/bench.json
	@mkdir -p build
	@$(BIN)/python -m tests.bench.run --json build/bench.json $(ARGS)

# --- tests -------------------------------------------------------------------------------------------------------

.PHONY: test
test: setup ## the whole truth: every tier in order, then one table
	@$(BIN)/python -m tools.tiers

.PHONY: $(TIERS:%=test-%) $(TIERS_APART:%=test-%)
$(TIERS:%=test-%) $(TIERS_APART:%=test-%): test-%: setup
	@$(BIN)/python -m tools.tiers $* $(ARGS)

.PHONY: browser-tools
browser-tools: ## Chromium and a Chinese font for the browser tier, from Debian when missing
	@want=(); \
	command -v chromium >/dev/null || want+=(chromium); \
	fc-list :lang=zh 2>/dev/null | grep -q . || want+=(fontconfig fonts-noto-cjk); \
	if [ $${#want[@]} = 0 ]; then echo "browser-tools: Chromium and a Chinese font are here"; exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "Missing for the browser tests: $${want[*]}. This is not Debian: install Chromium and a Chinese font your own way."; exit 1; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "Missing for the browser tests: $${want[*]}. Run: sudo make browser-tools"; exit 1; fi; \
	echo "browser-tools: installing $${want[*]}"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${want[@]}" >/dev/null

.PHONY: monitoring-tools
monitoring-tools: ## Prometheus, Alertmanager and postgres_exporter for the tests of rules and alerts, from Debian when missing
	@want=(); \
	{ command -v prometheus && command -v promtool; } >/dev/null || want+=(prometheus); \
	{ command -v prometheus-alertmanager && command -v amtool; } >/dev/null || want+=(prometheus-alertmanager); \
	command -v prometheus-postgres-exporter >/dev/null || want+=(prometheus-postgres-exporter); \
	if [ $${#want[@]} = 0 ]; then echo "monitoring-tools: Prometheus, Alertmanager and postgres_exporter are here"; exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
	  echo "Missing for the tests of rules: $${want[*]}. This is not Debian: install them your own way."; exit 1; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "Missing for the tests of rules: $${want[*]}. Run: sudo make monitoring-tools"; exit 1; fi; \
	echo "monitoring-tools: installing $${want[*]}"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${want[@]}" >/dev/null

.PHONY: grafana-types
grafana-types: setup ## Grafana's types and the compiler for the tests of its boards, from npm
	@npm ci --silent
	@echo "grafana-types: ready"

.PHONY: chart-tools
chart-tools: setup ## helm, helm-unittest, kubeconform and the schemas of Kubernetes for the chart tier; built once
	@$(BIN)/python -m tools.chart_tools.install

.PHONY: cluster-tools
cluster-tools: chart-tools ## etcd, Kubernetes and kwok for the tier cluster, which is no part of make test; built once
	@$(BIN)/python -m tools.cluster_tools.install

# --- judging and generating --------------------------------------------------------------------------------------

.PHONY: lint
lint: lint-style lint-types lint-walls lint-protos ## ruff, mypy, import-linter, buf, and whether generated code is fresh

.PHONY: lint-style
lint-style: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: lint-types
lint-types: setup
	@$(BIN)/mypy

.PHONY: lint-walls
lint-walls: setup
	@$(BIN)/lint-imports --no-logo

# Generates from protos/ into the folder $(1).
generate = $(BIN)/python -m grpc_tools.protoc -I protos \
  --python_out=$(1) --grpc_python_out=$(1) --mypy_out=quiet:$(1) --mypy_grpc_out=quiet:$(1) \
  $$(cd protos && find . -name '*.proto' -printf 'protos/%P\n' | LC_ALL=C sort)

.PHONY: protos
protos: setup ## generate Python from protos/ with the pinned tools
	@find services/fengqiao/proto -name '*_pb2*.py*' -not -path '*/__pycache__/*' -delete
	@$(call generate,services)

# The newest release, or the last commit while there is none yet.
.PHONY: lint-protos
lint-protos: setup
	@$(BIN)/buf lint
	@before=$$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || echo HEAD); \
	if git cat-file -e "$$before:protos" 2>/dev/null; then \
	  rm -rf build/protos-before && mkdir -p build/protos-before; \
	  git archive "$$before" buf.yaml protos | tar -x -C build/protos-before; \
	  $(BIN)/buf breaking --against build/protos-before; \
	  echo "protos: nothing breaks $$before"; \
	else echo "protos: no earlier release to compare with"; fi
	@rm -rf build/protos-fresh && mkdir -p build/protos-fresh
	@$(call generate,build/protos-fresh)
	@diff -r -x __pycache__ -x __init__.py build/protos-fresh/fengqiao/proto services/fengqiao/proto \
	  || { echo "The generated code is stale: run make protos"; exit 1; }

.PHONY: format
format: setup ## let ruff lay the code out and mend what it can
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

.PHONY: charts
charts: setup ## write the parts of the charts that are made of others: a schema, and the tables of charts/README.md
	@$(BIN)/python -m tools.chart_tools.generate

.PHONY: assets
assets: setup ## copy the pages' scripts (htmx, echarts) from npm into the package; the copies are committed
	@npm ci --silent --omit=dev
	@$(BIN)/python -m tools.page_assets

.PHONY: fonts
fonts: setup ## cut the font of documents out of the one that npm has; the result is committed
	@$(BIN)/python -m tools.document_fonts

.PHONY: dashboards
dashboards: setup ## write the boards of Grafana into deploy/grafana/dashboards; they are committed
	@$(BIN)/python -m tools.dashboards $(ARGS)

.PHONY: reference
reference: setup ## write docs/reference from the code: settings, metrics, commands, refusals, keys; they are committed
	@PYTHONPATH=services $(BIN)/python -m tools.reference_pages

# The variable silences an advertisement of the theme, which would hide what is wrong with a page.
.PHONY: docs
docs: setup ## the site of docs/ into build/site; anything that leads nowhere fails it
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=services $(BIN)/mkdocs build --strict
	@echo "docs: build/site/index.html; with search: make docs-serve"

.PHONY: docs-serve
docs-serve: setup ## the site of docs/ at http://127.0.0.1:8765, made again with every change, until Ctrl-C
	@NO_MKDOCS_2_WARNING=1 PYTHONPATH=services $(BIN)/mkdocs serve --quiet --dev-addr 127.0.0.1:8765

# The base comes from a registry, or is made of Debian's packages where none can be reached.
.PHONY: image
image: ## the production image `fengqiao:local`, small and without a shell; needs Docker
	@base=$$(sh deploy/image/base.sh) && DOCKER_BUILDKIT=1 docker build --quiet --file deploy/image/Dockerfile \
	  --build-arg BASE="$$base" --build-arg VERSION="$$(git describe --always 2>/dev/null || echo unknown)" \
	  $$([ -n "$${PIP_CERT:-}" ] && echo --secret id=ca,src="$$PIP_CERT") --tag fengqiao:local . >/dev/null
	@docker image inspect fengqiao:local --format 'image: fengqiao:local, {{.Size}} bytes'

.PHONY: images-test
images-test: setup ## PostgreSQL, its exporter, Kafka, Prometheus and Alertmanager as images of Debian's packages and Kafka's jars, where no registry is
	@sh deploy/image/parts/build.sh

.PHONY: single-bundle
single-bundle: setup ## what a township's one machine is installed from, without network: build/single/*.tar.gz
	@$(BIN)/python -m tools.single_bundle

.PHONY: single-test
single-test: single-bundle ## install it on a Debian that boots systemd: power cut, upgrade, restore; needs Docker
	@$(BIN)/python -m tools.single_test

.PHONY: clean
clean: ## remove caches and build results; the environment stays
	@rm -rf build dist node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find services tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: pristine
pristine: clean ## as clean, and the environment too
	@rm -rf $(VENV)
