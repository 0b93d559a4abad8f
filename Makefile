# Two commands do all the set-up: `make demo` and `make test`. They need Python 3.11 or newer and make, nothing else.
# `make test` also installs a browser, a web server and a Chinese font by apt-get, where they are missing and it may.
PYTHON ?= python3.11
BIN := .venv/bin
# A released torch whose range the local engine accepts; pinned so that a CPU machine does not pull a newer CUDA build.
TORCH ?= torch==2.13.0

.PHONY: demo test lint bench docs clean

demo: .venv/demo.stamp
	$(BIN)/hunyuanocr demo

test: .venv/dev.stamp .venv/programs.stamp
	$(BIN)/python -m pytest tests

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/dev.stamp
	for script in benchmarks/[a-z]*.py; do $(BIN)/python $$script --quick || exit 1; done

docs: .venv/dev.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

.venv/bin/pip:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

.venv/demo.stamp: .venv/bin/pip pyproject.toml
	$(BIN)/pip install --quiet --editable ".[rapid,chroma]"
	touch $@

.venv/dev.stamp: .venv/bin/pip pyproject.toml
	$(BIN)/pip install --quiet "$(TORCH)"
	$(BIN)/pip install --quiet --editable ".[all]" --group test --group lint --group typing --group bench --group docs
	touch $@

# Without these programs the tests that need them are skipped, so that is no failure; the next run tries again.
.venv/programs.stamp: .venv/bin/pip tests/install_programs.sh
	@if tests/install_programs.sh; then touch $@; fi

clean:
	rm -rf .venv dist demo-archive
