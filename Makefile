# What can be done here. `make` alone lists it; a stranger begins with `make demo`.

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint check bench bench-quick bench-screening bench-trade bench-trade-growth soak venv venv-dev venv-peers test-tools lock wheel clean

PY = .venv/bin/python

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

demo: venv ## a whole example country on this machine, in the browser
	@.venv/bin/keruen demo

serve: venv ## the system itself, empty
	@.venv/bin/keruen serve

test: venv-dev test-tools ## all tests; ARGS="-k waybill" for some
	@$(PY) -m pytest $(ARGS)

lint: venv-dev ## style, types, and whether generated tables are up to date
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy
	@$(PY) tools/codes.py --check
	@$(PY) tools/formats_doc.py --check
	@$(PY) tools/profile_doc.py --check
	@$(PY) tools/settings_doc.py --check

check: lint test ## everything that must be true before a commit

bench: venv-dev ## how fast it is, measured here (many minutes)
	@$(PY) -m bench

bench-quick: venv-dev ## the same on a small country (a minute or two)
	@$(PY) -m bench --quick

bench-screening: venv-dev venv-peers ## how well and how fast names are screened, beside other matchers (half an hour)
	@$(PY) -m bench.screening $(ARGS)

bench-trade: venv-dev ## questions to the trade statistics beside SQL by hand and polars (a few minutes); ROWS=1000000 for less
	@$(PY) -m bench.trade

bench-trade-growth: venv-dev ## time and memory of the trade lake from 1 to 50 million rows, into docs/trade.md (an hour); ARGS="1 5" for less
	@$(PY) -m bench.trade_growth $(ARGS)

soak: venv-dev ## hours of work with failures thrown in
	@$(PY) -m pytest -m soak $(ARGS)

venv: ## the packages Keruen needs, in .venv
	@sh tools/venv.sh run

venv-dev: ## those and the ones tests and checks need
	@sh tools/venv.sh dev

# Matchers that are not ours, in an environment of their own: what they bring must never be found by ours.
venv-peers: venv-dev
	@sh tools/venv.sh peers

# Go, Chromium, Java and Pango are for the tests that check us with programs that are not ours, on a cluster or on
# paper. A developer without root may go on without them and sees which tests were skipped; CI may not.
test-tools:
	@for tool in install-go install-chromium install-java install-pango; do \
		./tools/$$tool.sh || { \
			[ -z "$${CI:-}" ] || exit 1; \
			echo "$$tool did not succeed: the tests that need it will be skipped." >&2; }; \
	done

LOCK = CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/pip-compile --quiet --strip-extras --generate-hashes \
	--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links

lock: venv-dev ## requirements*.txt anew from requirements*.in; UPGRADE=--upgrade for newer versions
	@$(LOCK) $(UPGRADE) -o requirements.txt requirements.in
	@$(LOCK) $(UPGRADE) -o requirements-dev.txt requirements-dev.in
	@$(LOCK) $(UPGRADE) -o requirements-peers.txt requirements-peers.in

wheel: venv-dev ## dist/keruen-….whl; needs no network
	@$(PY) -m build --no-isolation --wheel

clean: ## remove what make made here; Keruen's own data is elsewhere and stays
	@rm -rf .venv .venv-peers build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
