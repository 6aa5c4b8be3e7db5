# Each target bootstraps what it needs on a fresh machine with Python 3.11 and make: uv, the locked environment, and,
# where it may, the system libraries.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV := packaging/uv.sh

# A test process a core, each with one thread; the tests of a file share its fixtures in one of them
SIDE_BY_SIDE := --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: run test slow-test soak lint bench lock env example baselines clean

run: env
	@$(PYTHON) packaging/system_libraries.py window
	@$(BIN)/talweg demo

# Two processes, as in the application: torch's compiler and Mesa's software OpenGL each bring an LLVM, and crash together
test: export OMP_NUM_THREADS = 1
test: env
	@$(PYTHON) packaging/system_libraries.py test
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/compute
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) tests/app tests/gui tests/bench tests/soak

slow-test: env
	@$(PYTHON) packaging/system_libraries.py test
	$(BIN)/python -m pytest -m slow --timeout 3600

# Kills and full disks at random moments, over and over
soak: env
	@$(PYTHON) packaging/system_libraries.py test
	$(BIN)/python -m pytest -m "slow or not slow" --timeout 3600 tests/soak

lint: env
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: env
	$(BIN)/python -m bench

env: $(VENV)/.locked

$(VENV)/.locked: requirements.lock pyproject.toml packaging/uv.sh
	@PYTHON="$(PYTHON)" $(UV) venv --quiet --allow-existing --python "$(PYTHON)" $(VENV)
	PYTHON="$(PYTHON)" $(UV) pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements.lock
	@PYTHON="$(PYTHON)" $(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@$(BIN)/python -m compileall -q app compute
	@touch $@

lock:
	PYTHON="$(PYTHON)" $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
		--extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf $(VENV) .uv build dist

# Keeps the window's looks as what the tests expect from now on; look at what changed before it is committed
baselines: env
	@$(PYTHON) packaging/system_libraries.py test
	$(BIN)/python -m tests.gui.test_screens

# The embedded example and the picture of the README, made anew
example: env
	$(BIN)/talweg train digits_resnet --output assets/example/digits_resnet
	rm -f assets/example/digits.talweg
	$(BIN)/talweg compute assets/example/digits.toml --output assets/example/digits.talweg
	$(BIN)/talweg render assets/example/digits.talweg --output docs/landscape.png --size 1400 900
