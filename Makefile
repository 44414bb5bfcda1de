# Everything a newcomer needs is `make try` and `make test`; `make help` lists the rest.
# On the machine: make, git and Python 3.11 or newer. All else comes from the lock files, into .tools and .venv.

PYTHON ?= python3
ARGS ?=

UV := UV_PYTHON_DOWNLOADS=never .tools/bin/uv --quiet
# Bytecode is compiled once, here: importing what the bot stands on takes 0.5 s with it and 1.8 s without.
INSTALL := --python .venv --require-hashes --compile-bytecode

.DEFAULT_GOAL := help
.PHONY: help try test soak check package bench lock clean

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile

try: .venv/runtime.stamp ## the bot and both emulators on this machine, no account needed (ARGS=--once: two diagnoses, then exit)
	@.venv/bin/python -m bot try $(ARGS)

test: .venv/dev.stamp ## all tests, with coverage (ARGS=tests/slack: a part of them, without)
	@.venv/bin/python -m pytest $(if $(ARGS),$(ARGS),--numprocesses 3 --dist worksteal --cov)

soak: .venv/dev.stamp ## all the long tests, then bots killed at random under new runs (ARGS="--seconds 60 --rate 20 --replicas 2 --database postgresql")
	@.venv/bin/python -m pytest -m long
	@.venv/bin/python -m tests.crash.soak $(ARGS)

check: .venv/dev.stamp ## format, lint, types, import directions, spelling, dependencies, unfinished marks
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/ruff check --quiet .
	@.venv/bin/mypy bot tests $(wildcard benchmarks)
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/codespell
	@.venv/bin/deptry . --no-ansi
	@.venv/bin/hadolint Dockerfile
	@! grep -rnE --exclude-dir=__pycache__ '(TODO|FIXME|XXX|NotImplementedError)' bot || \
		{ echo 'make check: the lines above say that something is unfinished: finish it.' >&2; exit 1; }

package: .tools/ready.stamp ## the Dockerfile's steps as plain commands: wheel, clean environment, first run
	@.ci/package

bench: .venv/bench.stamp ## the benchmarks (ARGS=benchmarks/one.py: one of them)
	@for one in $(or $(ARGS),$(wildcard benchmarks/*.py)); do echo "$$one"; .venv/bin/python "$$one" || exit 1; done

lock: .tools/ready.stamp ## compile the lock files from pyproject.toml (ARGS=--upgrade: newest versions within the bounds)
	@$(COMPILE) --group tools --output-file requirements-tools.lock
	@$(COMPILE) pyproject.toml --extra postgres --output-file requirements.lock
	@$(COMPILE) pyproject.toml --extra postgres --group dev --group peers --constraints requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) pyproject.toml --extra postgres --group bench --constraints requirements-dev.lock --output-file requirements-bench.lock

COMPILE = $(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock' $(ARGS)

clean: ## remove what make made
	rm -rf .venv .tools dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Environments. Each stamp is newer than the files it was made from, so that a second call has nothing to do.

.tools/ready.stamp: requirements-tools.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo 'make: $(PYTHON) is not Python 3.11 or newer; name one that is: make PYTHON=python3.12 …' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'make: this Python cannot make environments; on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo 'make: bringing uv into .tools'
	@$(PYTHON) -m venv --clear .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

.venv/pyvenv.cfg: | .tools/ready.stamp
	@$(UV) venv --python .tools/bin/python .venv

.venv/runtime.stamp: requirements.lock | .venv/pyvenv.cfg
	@echo 'make: installing requirements.lock into .venv'
	@$(UV) pip install $(INSTALL) -r requirements.lock
	@touch $@

# The project itself is installed editable and without network: the build backend is one of the locked packages.
.venv/dev.stamp: requirements-dev.lock pyproject.toml | .venv/pyvenv.cfg
	@echo 'make: installing requirements-dev.lock into .venv'
	@$(UV) pip sync $(INSTALL) requirements-dev.lock
	@$(UV) pip install --python .venv --offline --no-deps --no-build-isolation --editable .
	@rm -f .venv/bench.stamp
	@touch .venv/runtime.stamp $@

# The engines that the bot is measured against come on top, and only for the benchmarks.
.venv/bench.stamp: requirements-bench.lock .venv/dev.stamp
	@echo 'make: installing requirements-bench.lock into .venv'
	@$(UV) pip install $(INSTALL) -r requirements-bench.lock
	@touch $@
