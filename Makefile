# lyaplab: `make lab` to learn, `make test` to check. Both build their own environment in .venv on the first call.

# The first of these that is new enough; `make PYTHON=/path/to/python lab` takes another.
CANDIDATES := python3 python3.13 python3.12 python3.11 python
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do $$p -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$p && break; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
KERNELS := $(wildcard lyaplab/kernel/*.py lyaplab/cells/*.py lyaplab/engine/*.py)

.DELETE_ON_ERROR:
.PHONY: help lab test lint unit browser peers bench lessons rehearse clean

help:
	@echo "make lab      install lyaplab into .venv and open JupyterLab on lesson 01 (ARGS=... goes to 'lyaplab lab')"
	@echo "make test     all tests: style, types, units, documentation, a real browser"
	@echo "make peers    the tests against other packages, which it installs first"
	@echo "make bench    speed, as ratios to peers and to what the machine can do"
	@echo "make lessons  build the lesson notebooks from lessons/*/lesson.md"
	@echo "make rehearse the Binder build, without Docker"
	@echo "make clean    remove .venv and the caches of the tools"

lab: $(VENV)/.warm
	$(BIN)/lyaplab lab $(ARGS)

test: lint unit browser

# ruff and mypy first: they take seconds, and say more than a failing test.
lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy

# Doctests and units on all cores, each a stretch of the files: neighbours share machine code. Then the browser's, file
# by file on two processes, each with a JupyterLab and a Chromium of its own: they mostly wait. One that fails there is
# tried once more, and named (R): a busy machine can be late. ARGS="-k name" picks some; that nothing is left on one
# side (status 5) is no failure.
unit: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore=tests/browser $(ARGS) || [ $$? = 5 -a -n "$(ARGS)" ]

browser: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 --dist loadfile --reruns 1 -rR tests/browser $(ARGS) || [ $$? = 5 -a -n "$(ARGS)" ]

# Without the packages these tests skip in `make test`; here a missing one is a failure.
peers: $(VENV)/.peers
	LYAPLAB_REQUIRE_PEERS=1 $(BIN)/python -m pytest tests/peers $(ARGS)

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks $(ARGS)

lessons: $(VENV)/.test
	$(BIN)/lyaplab lessons build

# The Binder build without Docker; some minutes.
rehearse:
	binder/rehearse

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

# The environment: each stamp says that a step is done, and is older than what would make it stale. ---------------------

$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "lyaplab needs Python 3.11 or newer, and none of '$(CANDIDATES)' is."; exit 1; }
	@echo "Making an environment of its own in $(VENV) ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv --clear $(VENV) || \
	  { echo "Python could not make an environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PIP) --upgrade "pip>=23.1"
	@touch $@

$(VENV)/.lab: $(VENV)/.made pyproject.toml
	@echo "Installing lyaplab and JupyterLab: some 300 MB to fetch, a few minutes, one time"
	@$(PIP) --editable ".[lab]"
	@touch $@

$(VENV)/.test: $(VENV)/.made pyproject.toml
	@echo "Installing lyaplab and what its tests need: a few minutes, one time"
	@$(PIP) --editable ".[lab,test,dev]"
	@touch $(VENV)/.lab $@

$(VENV)/.peers: $(VENV)/.test
	@echo "Installing what lyaplab is compared with (JAX, PyTorch, nolds, ...): a few gigabytes, some minutes, one time"
	@$(PIP) --editable ".[lab,test,dev,peers]" || \
	  { echo "The packages of the extra 'peers' cannot be installed here (see above): nothing was compared."; exit 1; }
	@touch $@

$(VENV)/.warm: $(VENV)/.lab $(KERNELS)
	$(BIN)/lyaplab warm --lessons
	@touch $@
