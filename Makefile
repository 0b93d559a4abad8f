# Two commands do all the set-up: `make demo` and `make test`. They need Python 3.11 or newer and make, nothing else.
# `make help` lists the others: the text after `##` is what it says of a target.
# `make test` also installs a browser, a web server and a Chinese font by apt-get, where they are missing and it may.
PYTHON ?= python3.11
BIN := .venv/bin
# A released torch whose range the local engine accepts; pinned so that a CPU machine does not pull a newer CUDA build.
TORCH ?= torch==2.13.0
# The versions that the tests were last run with; `make test CONSTRAINTS=` takes the newest.
CONSTRAINTS ?= requirements/constraints.txt
PINNED := $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS))
# What CUDA builds of that torch bring along; its interpreter breaks with numpy from 2.4 on.
TRITON ?= triton==3.6.0

.PHONY: help demo test attack kernels check lint format wheel bench docs lock clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/demo.stamp ## make, read, ingest and ask a small scanned archive
	$(BIN)/hunyuanocr demo

test: .venv/dev.stamp .venv/programs.stamp ## run every test
	$(BIN)/python -m pytest tests

attack: .venv/dev.stamp ## run every attack in full: some twenty minutes
	HUNYUANOCR_ATTACK=all $(BIN)/python -m pytest tests/hostile

kernels: .venv/dev.stamp ## test the GPU kernels on the CPU, in Triton's interpreter
	$(BIN)/pip install -q --no-deps --upgrade --target build/triton $(TRITON) "numpy<2.4"
	TRITON_INTERPRET=1 PYTHONPATH=build/triton $(BIN)/python -m pytest tests/integration_tests/engines/test_local_kernels.py

check: .venv/dev.stamp ## lint, format, types and floors, without changing a file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint: check ## the same as check

format: .venv/dev.stamp ## mend what ruff can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: .venv/dev.stamp ## build the wheel, and install and try it without an extra and with [rapid]
	PYTHON=$(PYTHON) .ci/wheel.sh

bench: .venv/dev.stamp ## run every benchmark, its quick form
	for script in benchmarks/[a-z]*.py; do $(BIN)/python $$script --quick || exit 1; done

docs: .venv/dev.stamp ## build the documentation into build/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

.venv/bin/pip:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/demo.stamp: .venv/bin/pip pyproject.toml
	$(BIN)/pip install --quiet --editable ".[rapid,chroma]"
	touch $@

.venv/dev.stamp: .venv/bin/pip pyproject.toml $(CONSTRAINTS)
	$(BIN)/pip install --quiet $(PINNED) "$(TORCH)"
	$(BIN)/pip install --quiet $(PINNED) --editable ".[all]" --group test --group lint --group typing --group bench --group docs --group package
	touch $@

# Without these programs the tests that need them are skipped, so that is no failure; the next run tries again.
.venv/programs.stamp: .venv/bin/pip tests/install_programs.sh
	@if tests/install_programs.sh; then touch $@; fi

lock: .venv/dev.stamp ## write the versions that are installed now into requirements/constraints.txt
	sed -n '/^#/p' requirements/constraints.txt > .venv/constraints.txt
	$(BIN)/pip freeze --exclude-editable | grep -v ' @ ' | sed 's/+cpu$$//' >> .venv/constraints.txt
	mv .venv/constraints.txt requirements/constraints.txt

clean: ## remove the environment and what was built
	rm -rf .venv dist demo-archive
