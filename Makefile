# Everything a contributor types; CI calls the same. `make setup` is idempotent and asks nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHOWCASE := examples/model-registry/seatrial.yml
REGISTRY := examples/model-registry/tests
SHEETGPT := examples/sheetgpt/tests
PARALLEL := $(BIN)/pytest -n 4 --no-loadscope-reorder
# pytest keeps its rewritten tests in __pycache__: without, each worker rewrites all of them.
export PYTHONDONTWRITEBYTECODE =

.PHONY: setup rehearse down check test test-packages registry sheetgpt registry-load mutate cdk stock crash \
  golden docs lock provider-types dist benchmark clean

# Compiled once here: Python itself keeps nothing where PYTHONDONTWRITEBYTECODE is set, as in many
# containers, and every command and emulator would compile what it imports, two seconds each.
setup: $(VENV)/ready      ## make the environment, find Terraform and the AWS provider
	@$(BIN)/python -m compileall -q src packages/*/src
	@$(BIN)/python -m seatrial.engine.provider

$(VENV)/ready: pyproject.toml requirements.lock packages/emulator/pyproject.toml packages/runtime/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is older than 3.11; run make PYTHON=python3.12 setup"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python requirements.lock
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
	@$(PARALLEL) -n 3 tests $(REGISTRY) $(SHEETGPT) -m "not slow" --ignore=tests/mutations

test: setup               ## every test of Seatrial that an edit can break: a quarter of an hour
	@$(PARALLEL) tests -m "not stock" --ignore=tests/mutations --durations=12

test-packages: setup      ## of these, what needs Debian packages (tests/packages.py names them)
	@$(PARALLEL) tests $(REGISTRY) $(SHEETGPT) -m packages --durations=12

registry: setup           ## the model registry's own tests
	@$(PARALLEL) $(REGISTRY) -m "not load and not packages" --durations=12

sheetgpt: setup           ## SheetGPT's own tests
	@$(PARALLEL) -n 2 $(SHEETGPT) -m "not packages" --durations=12

registry-load: setup      ## 200 clients, 2 GiB up and down, its processes killed
	@$(BIN)/pytest $(REGISTRY) -m load --durations=12

mutate: setup             ## break the code on purpose: a test must fail each time
	@$(PARALLEL) tests/mutations

cdk: setup                ## compare the tables of what AWS manages with aws-cdk-lib's (60 MB)
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	  $(BIN)/uv pip install --quiet --no-deps --target "$$folder" aws-cdk-lib \
	  && SEATRIAL_CDK="$$folder" $(BIN)/pytest tests/emulator/test_managed_identifiers.py

stock: setup              ## the AWS provider as it is, and the other examples' roots applied
	@$(PARALLEL) tests/end_to_end/test_apply.py -m stock --durations=12

crash: setup              ## kill deploy, rollback, destroy at every call: two hours; FROM=k goes on
	@SEATRIAL_CRASH=$(or $(FROM),1) $(BIN)/pytest tests/end_to_end/test_kill_points.py

aws: setup                ## deploy hello and notes to ACCOUNT with PROFILE, test, destroy; at most CAP dollars
	@$(BIN)/python tools/aws.py --account "$(ACCOUNT)" --profile "$(PROFILE)" \
	  --cap $(or $(CAP),5) $(if $(YES),--yes)

golden: setup             ## rewrite the examples' Terraform and the registry's OpenAPI document
	@$(BIN)/python tools/golden.py
	@PYTHONPATH=tests:examples/model-registry/api $(BIN)/python $(REGISTRY)/openapi_documents.py

docs: setup               ## rewrite the generated pages
	@$(BIN)/python tools/docs.py

provider-types: setup     ## rewrite the table of the AWS provider's argument types
	@$(BIN)/python tools/provider_types.py

lock:                     ## rewrite requirements.lock: versions that fit, with their hashes
	@$(BIN)/uv pip compile --quiet --no-header --universal --generate-hashes --python-version 3.11 \
	  --no-emit-package seatrial-emulator --no-emit-package seatrial-runtime --group dev \
	  --all-extras --output-file requirements.lock pyproject.toml packages/runtime/pyproject.toml

dist: setup               ## build the three wheels into dist/, offline
	@rm -rf dist
	@$(BIN)/uv build --quiet --all-packages --wheel --no-build-isolation \
	  --python $(BIN)/python --out-dir dist
	@ls dist/*.whl

benchmark: setup          ## measure; see benchmarks/README.md
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/registry.py
	@$(BIN)/python benchmarks/trial.py

clean:                    ## remove the environment
	@rm -rf $(VENV)
