# make run: a running desk with a demo company.   make test: all tests.   make check: everything that is checked without running.   make bench: what it costs.   make faults: mail under kills.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export UV_LINK_MODE := copy
# Certificates as the system trusts them: company networks have their own.
export UV_SYSTEM_CERTS := 1
export NODE_OPTIONS := --use-system-ca
# What is compiled once is kept, as Python does by itself: each process of a desk would compile all its libraries again.
unexport PYTHONDONTWRITEBYTECODE

BENCH_OPTIONS ?=

.PHONY: bench faults run test check format lock doctor ui clean

run: .venv/.ok comptoir/web/static/.ok
	$(BIN)/python -m comptoir serve --demo

test: .venv/.ok comptoir/web/static/.ok
	$(BIN)/python -m pytest

check: .venv/.ok comptoir/web/static/.ok
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet comptoir
	npm run --silent check
	$(BIN)/python -m comptoir.cli.checks

bench: .venv/.ok comptoir/web/static/.ok
	$(BIN)/python -m bench.run $(BENCH_OPTIONS)

faults: .venv/.ok comptoir/web/static/.ok
	$(BIN)/python -m bench.faults.inbound
	$(BIN)/python -m bench.faults.outbound

format: .venv/.ok
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .boot/.ok
	for set in run dev; do .boot/bin/uv pip compile -q --generate-hashes --no-emit-index-url --no-header \
		--python-version 3.11 requirements/$$set.in -o requirements/$$set.lock; done

doctor: .venv/.ok
	$(BIN)/python -m comptoir doctor

ui: comptoir/web/static/.ok

.boot/.ok:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Comptoir needs Python 3.11 or later; $(PYTHON) is older. Name another: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .boot
	.boot/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	touch $@

.venv/.ok: requirements/dev.lock | .boot/.ok
	.boot/bin/uv venv --quiet --allow-existing --python $(PYTHON) .venv
	.boot/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements/dev.lock
	touch $@

node_modules/.ok: package-lock.json package.json .venv/.ok
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

comptoir/web/static/.ok: node_modules/.ok $(shell find ui -type f 2>/dev/null)
	npm run --silent build
	touch $@

clean:
	rm -rf .venv .boot node_modules comptoir/web/static
