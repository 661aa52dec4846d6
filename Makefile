# Everything a contributor types; CI calls the same. `make setup` is idempotent and asks nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHOWCASE := examples/model-registry/seatrial.yml

.PHONY: setup rehearse down check test crash golden docs benchmark clean

setup: $(VENV)/ready      ## make the environment, find Terraform and the AWS provider
	@$(BIN)/python -m seatrial.engine.provider

$(VENV)/ready: pyproject.toml requirements.lock packages/emulator/pyproject.toml packages/runtime/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is older than 3.11; run make PYTHON=python3.12 setup"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable . \
	  --editable packages/emulator --editable packages/runtime
	@touch $@

rehearse: setup           ## rehearse the showcase app in the background
	@$(BIN)/seatrial up --detach -f $(SHOWCASE)

down: setup               ## end the rehearsal
	@$(BIN)/seatrial down -f $(SHOWCASE)

check: setup              ## lint, types, house rules and fast tests: under two minutes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -m "not slow"

test: setup               ## every test; this is what CI runs
	@$(BIN)/pytest --durations=12

crash: setup              ## kill deploy, rollback, destroy at every call: two hours; FROM=k goes on
	@SEATRIAL_CRASH=$(or $(FROM),1) $(BIN)/pytest tests/end_to_end/test_killed.py

golden: setup             ## rewrite the examples' Terraform; the diff is the review
	@$(BIN)/python tools/golden.py

docs: setup               ## rewrite the generated pages
	@$(BIN)/python tools/docs.py

benchmark: setup          ## measure; see benchmarks/README.md
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/registry.py
	@$(BIN)/python benchmarks/trial.py

clean:                    ## remove the environment
	@rm -rf $(VENV)
