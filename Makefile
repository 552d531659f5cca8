# Casework. `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
PORT ?= 8600
# Any Python at all runs the installer, which looks for a good one and says in one line what is missing.
BOOT := $(shell command -v python3 2>/dev/null || command -v python 2>/dev/null)

# Compiled modules are kept: the platform's question types take ten seconds to read without them, at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install install-dev start test check soak bench docs pictures messages constraints clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## Make .venv and install what the preview needs
	@test -n "$(BOOT)" || { echo "casework: Python 3.11 or 3.12 is needed; none was found" >&2; exit 1; }
	@$(BOOT) scripts/install.py preview

install-dev:
	@test -n "$(BOOT)" || { echo "casework: Python 3.11 or 3.12 is needed; none was found" >&2; exit 1; }
	@$(BOOT) scripts/install.py dev

start: install ## Build the packages of Thailand and Indonesia and serve them: PORT=8600
	@for c in th id; do .venv/bin/casework build --country $$c --out dist || exit 1; done
	@.venv/bin/casework serve --port $(PORT) dist/*.tar.gz

check: install-dev ## Ruff, mypy, import-linter, and tsc over the browser code
	@.venv/bin/ruff check --quiet . && .venv/bin/ruff format --quiet --check . && echo "ruff: fine"
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache | tail -n 4
	@sh scripts/tsc.sh

test: check ## Everything CI runs; the browser tests too
	@.venv/bin/casework check
	@CHROMIUM="$$($(PY) scripts/browser.py)" $(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

soak: install-dev ## Fuzz with FUZZ=20 times as many examples as a test, and with atheris where it is; then learners and reviewers at once for SECONDS=300
	@CASEWORK_FUZZ=$(or $(FUZZ),20) $(PY) -m pytest -q tests/scenario/test_hostile.py tests/blocks/test_hostile_handlers.py
	@$(PY) scripts/fuzz.py --seconds $(or $(SECONDS),300)
	@$(PY) scripts/soak.py --seconds $(or $(SECONDS),300) $(if $(DATABASE),--database $(DATABASE))

bench: install-dev ## Time the desk on each database (N=100000 attempts, KEEP=1 for the next run), then a case beside others (ALONE=1: none), then packages beside tar
	@$(PY) scripts/bench --attempts $(or $(N),100000) $(if $(KEEP),--keep) $(if $(DATABASES),--databases $(DATABASES))
	@$(PY) scripts/bench_blocks $(if $(ALONE),--alone)
	@$(PY) scripts/bench_build.py

docs: install-dev ## Generate docs/findings.md and docs/case.rng
	@$(PY) -c "from casework.findings import reference; print(reference(), end='')" > docs/findings.md
	@$(PY) -c "from casework.scenario.grammar import relaxng; print(relaxng(), end='')" > docs/case.rng

pictures: install-dev ## Make the README's pictures with the browser tests
	@mkdir -p docs/pictures
	@CHROMIUM="$$($(PY) scripts/browser.py)" PICTURES=docs/pictures $(PY) -m pytest -q tests/browser/test_whole_way.py

messages: install ## Bring the catalogs up to date with the sources
	@.venv/bin/casework messages merge

constraints: install-dev ## Resolve the pinned versions anew
	@for v in 311 312; do .venv/bin/uv pip compile --quiet --no-header --no-annotate --upgrade --extra dev \
	  --python-version 3.$${v#3} -c constraints/limits-$$v.txt setup.py -o constraints/py$$v.txt; done

clean: ## Remove what was built; .venv stays
	@rm -rf dist build var node_modules .pytest_cache .mypy_cache .ruff_cache
