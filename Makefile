# Lampwatch from a clone. Needs Python 3.11 or newer with venv, and make; fetches everything else into .uv/ and .venv/.
# `make run` starts it. No command here needs root; as root, `make test` also installs a browser and
# the lab's tools where apt-get is found.

PYTHON ?= python3
UV_VERSION := 0.13.9
BROWSER := /usr/bin/chromium

BIN := .venv/bin
# Stamps live inside what they vouch for, so that removing the folder removes them too.
UV := .uv/version-$(UV_VERSION)
RUNNABLE := .venv/.runnable
TESTABLE := .venv/.testable

# The environment belongs to this folder, whatever environment make was started from, and to the Python named above.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE
export UV_PROJECT_ENVIRONMENT := .venv
export UV_PYTHON_DOWNLOADS := never
# Compiled once here, so that every start is quick.
export UV_COMPILE_BYTECODE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Scripts hold the absolute path of the folder they were installed in: a moved folder is set up anew.
ifneq ($(shell cat .venv/.folder 2>/dev/null),$(CURDIR))
  $(shell rm -f $(RUNNABLE) $(TESTABLE))
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check format bench lock clean system

help: ## list these commands
	@echo "make run     start Lampwatch on the shipped lab recording: http://127.0.0.1:8064"
	@echo "make test    run every test; those that need a browser, the lab or the shared data say so where they skip"
	@echo "make check   lint, format, types, import contracts, and the tests of the house itself"
	@echo "make format  format the code and mend what the linter can"
	@echo "make bench   time reading and judging on this machine"
	@echo "make lock    bring uv.lock up to date with pyproject.toml"
	@echo "make clean   remove the environments and the caches"

run: $(RUNNABLE)
	@exec $(BIN)/lampwatch demo

test: $(TESTABLE) system
	$(BIN)/python -m pytest

check: $(TESTABLE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest tests/house

format: $(TESTABLE)
	$(BIN)/ruff check --fix-only --exit-zero .
	$(BIN)/ruff format .

bench: $(TESTABLE)
	$(BIN)/python -m bench

lock: $(UV)
	.uv/bin/uv lock --python "$(PYTHON)"

clean:
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist

# The browser, what the lab builds its networks with, bgpdump, which BGP is compared with, and Java, which Spark runs on,
# are system packages, so only root can add them. Where they are absent, the tests that need them say so, and the others
# run.
system: export PATH := $(PATH):/usr/sbin:/sbin
system:
	@missing=; \
	[ -x $(BROWSER) ] || missing="chromium fonts-dejavu-core"; \
	command -v bgpdump >/dev/null || missing="$$missing bgpdump"; \
	command -v java >/dev/null || missing="$$missing default-jre-headless"; \
	for tool in ip tc nft iptables unshare; do command -v $$tool >/dev/null || lab="iproute2 nftables iptables util-linux"; done; \
	missing="$$missing $$lab"; \
	if [ "$$missing" = " " ]; then :; \
	elif [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo "make: cannot install$$missing as this user: the tests that need them will skip"; \
	elif export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends $$missing >/dev/null; then :; \
	else echo "make: could not install$$missing: the tests that need them will skip"; fi

# --inexact: running never removes what testing installed.
$(RUNNABLE): uv.lock pyproject.toml | $(UV)
	.uv/bin/uv sync --quiet --frozen --no-dev --inexact --python "$(PYTHON)"
	@printf '%s' "$(CURDIR)" >.venv/.folder
	@touch $@

$(TESTABLE): uv.lock pyproject.toml | $(UV)
	.uv/bin/uv sync --quiet --frozen --python "$(PYTHON)"
	@printf '%s' "$(CURDIR)" >.venv/.folder
	@touch $(RUNNABLE) $@

$(UV):
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo "make: no $(PYTHON): install Python 3.11 or newer (Debian: apt-get install python3-venv)"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $$("$(PYTHON)" --version) is too old: install 3.11 or newer, or name one with make PYTHON=..."; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "make: $(PYTHON) cannot make environments: apt-get install python3-venv"; exit 1; }
	rm -rf .uv
	"$(PYTHON)" -m venv .uv
	.uv/bin/python -m pip install --quiet --only-binary :all: uv==$(UV_VERSION)
	@touch $@
