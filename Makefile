V := .venv
UV := $(shell command -v uv || echo .uv/bin/uv)
PYTHON := $(firstword $(foreach v,3.13 3.12 3.11,$(shell python$(v) -c 'import sys; print(sys.executable)' 2>/dev/null)))
# Where Python keeps no bytecode itself, every process would compile hundreds of modules again: half of its start.
BYTECODE := $(if $(PYTHONDONTWRITEBYTECODE),--compile-bytecode)
LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
install = $(UV) pip sync -q $(BYTECODE) --python $(V) --require-hashes $(1) && $(UV) pip install -q --python $(V) --no-deps -e .

# Two processes; files that take long begin first (tests/conftest.py).
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder
# A test without end fails: by a signal, or with its process where a rule holds the interpreter. Limits are generous.
LIMITED = --timeout $(1) -o faulthandler_timeout=$(2) -o faulthandler_exit_on_timeout=true
# Assertions that show their values take each process five seconds to write: what fails is run again with them.
PLAIN := --assert=plain
OR_AGAIN = || { $(V)/bin/python -m pytest -q $(call LIMITED,1800,1860) --last-failed --last-failed-no-failures none; exit 1; }

run: $(V)/.ok  ## set up and run the default comparison
	$(V)/bin/comity compare $(ARGS)

test: $(V)/.dev  ## set up and pass the tests
	$(V)/bin/python -c "from tests.tiny import ended; ended()"  # rules are compiled once, before others need them
	$(V)/bin/python -m pytest $(IN_TWO) $(PLAIN) $(call LIMITED,300,330) --durations=30 -m "not compilation and not slow" $(ARGS) $(OR_AGAIN)

test-all: $(V)/.dev browser  ## all tests: also those of make compilations, with more seeds, in a browser, of a wheel, of kills
	$(V)/bin/python -c "from tests.tiny import ended; ended()"
	$(V)/bin/python -m pytest $(IN_TWO) $(PLAIN) $(call LIMITED,1800,1860) --durations=30 $(ARGS) $(OR_AGAIN)

browser:  ## Chromium for tests in a browser, from Debian's packages where it is missing
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
		command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] \
		&& apt-get update -q && apt-get install --yes -q --no-install-recommends chromium; } \
		|| echo "No Chromium: tests in a browser are skipped. As root: apt-get install chromium"

compilations: $(V)/.dev  ## the same tables when rules are compiled with checks of bounds, and by plain Numba
	$(V)/bin/python -m pytest -n 2 -m compilation $(ARGS)

reference: $(V)/.dev  ## renew the comparison that the README shows: the whole study in results/whole, a light one in results/reference
	folder=$$($(V)/bin/comity compare --quiet) && rm -rf results/whole && mv "$$folder" results/whole
	$(V)/bin/python -m docs.programs.light

light: $(V)/.dev  ## results/reference again from the whole study in results/whole: what README, page, documentation and tests read
	$(V)/bin/python -m docs.programs.light

release-tables: $(V)/.dev  ## the whole study in results/whole as a file of a release: build/comity-reference-VERSION.zip
	mkdir -p build && $(V)/bin/comity verify results/whole
	$(V)/bin/python -m zipfile -c build/comity-reference-$$($(V)/bin/comity --version | cut -d " " -f 2).zip results/whole/

release-runs: $(V)/.dev  ## all runs of a calibration as a file of a release, build/comity-runs-VERSION.parquet: make release-runs FOLDER=results/calibration-…
	mkdir -p build && $(V)/bin/comity verify $(FOLDER)
	cp $(FOLDER)/runs.parquet build/comity-runs-$$($(V)/bin/comity --version | cut -d " " -f 2).parquet

rendered: $(V)/.dev  ## write pages, figures and tables of the stored comparison again from its outcomes: nothing is simulated
	if [ -d results/whole ]; then $(V)/bin/python -m docs.programs.stored_reports results/whole && $(V)/bin/python -m docs.programs.light; \
		else $(V)/bin/python -m docs.programs.stored_reports; fi
	$(V)/bin/python -m docs.programs.strongest_effects

league: $(V)/.dev  ## renew results/league: policies in the same worlds, at most 100, tables and figures alone (all 100: ARGS="--replicates 100")
	folder=$$($(V)/bin/comity league --quiet $(ARGS)) && cd "$$folder" \
		&& rm -rf runs breakdowns outcomes.csv outcomes.parquet levels.csv study.yaml log.txt figures/*.png figures/*_phone.svg \
		&& cd - >/dev/null && rm -rf results/league && mv "$$folder" results/league
	$(V)/bin/python -m docs.programs.seal results/league

seal: $(V)/.dev  ## write pages and sums of the stored studies again, after files of theirs were made again or taken away
	$(V)/bin/python -m docs.programs.seal results/reference results/league

docs: $(V)/.dev  ## renew docs/odd.md and docs/law.md, and what follows from data in docs/trace.md, limits.md and strongest.md
	$(V)/bin/python -m docs.programs.odd
	$(V)/bin/python -m docs.programs.law
	$(V)/bin/python -m docs.programs.standing

site: $(V)/.dev  ## the documentation as a site, into build/site: open index.html there
	$(V)/bin/python -m sphinx -W --keep-going -q -b html -d build/doctrees docs build/site

types: $(V)/.dev  ## renew the types of the world's tables for editors and mypy from sim/world/records/fields.csv
	$(V)/bin/python -m docs.programs.typed

calibrate: $(V)/.ok  ## parameter sets that agree with published facts, and what moves results most: some 40 minutes
	$(V)/bin/comity calibrate

renew: $(V)/.dev  ## before a calibration: measure again what is derived, then reference and docs, some half an hour; the shipped sets, of the old defaults, no longer count as calibrated
	for round in 1 2; do $(V)/bin/python -m docs.programs.derived || exit 1; done  # what is measured depends on what it was
	$(MAKE) reference
	$(MAKE) docs

recalibrate: $(V)/.dev  ## after make renew: calibrate, and renew all pages that rest on calibrated sets: an hour and a half
	$(V)/bin/comity calibrate
	$(MAKE) ablation
	$(MAKE) reference
	$(MAKE) statements
	$(MAKE) ladders
	$(MAKE) docs

recovery: $(V)/.dev  ## find planted parameter sets again: make recovery FOLDER=results/calibration-…
	$(V)/bin/python -m tests.calibration.recovery $(FOLDER)

statements: $(V)/.dev  ## what the design says and what comes out in calibrated sets, into docs/statements.md: some ten minutes
	$(V)/bin/python -m docs.programs.statements

ladders: $(V)/.dev  ## law and assistance in parts, liaison in doses, into docs/ladders.md: some ten minutes
	$(V)/bin/python -m docs.programs.ladders --workers 2

cases: $(V)/.dev  ## operations on record and the Convention's effect on DDoS, into docs/cases.md, natural_experiment.md: an hour
	$(V)/bin/python -m docs.programs.cases
	$(V)/bin/python -m docs.programs.natural_experiment

ablation: $(V)/.dev  ## leave each mechanism out in turn, into docs/ablation.md and sim/data/evidence.csv: ten minutes
	folder=$$($(V)/bin/comity ablate harmonised_law faster_mlat stronger_liaison all_three --all --replicates 12 \
		--ensemble package --quiet) && grep -v '^!\[' "$$folder/summary.md" > docs/ablation.md \
		&& $(V)/bin/python -m docs.programs.evidence "$$folder"

benchmarks: $(V)/.dev  ## measure speed beside other libraries, into docs/benchmarks.md
	$(V)/bin/python -m tests.benchmarks $(ARGS)

benchmarks-check: $(V)/.dev  ## what users run once more; fails where one is a quarter worse than docs/benchmarks.csv
	$(V)/bin/python -m tests.benchmarks --check $(ARGS)

benchmarks-engines: $(V)/.dev  ## what an engine costs, measured with Dask, into a section of docs/benchmarks.md
	$(V)/bin/python -m tests.benchmarks.engines

ledger: $(V)/.dev  ## counts of events and rows of pinned worlds, into tests/ledger: make ledger REASON="what a rise buys"
	$(V)/bin/python -m tests.ledger $(if $(REASON),--reason "$(REASON)")

pairing: $(V)/.dev  ## measure what pairing by seed gains, into docs/pairing.md
	$(V)/bin/python -m tests.benchmarks.pairs

fuzz: $(V)/.dev  ## tiny worlds at 400 random points of all settings, 40 of them with bounds checked; corners
	$(V)/bin/python -m tests.fuzz
	$(V)/bin/python -m tests.fuzz --corners
	$(V)/bin/python -m tests.fuzz --every 10 --checked

mutants: $(V)/.dev  ## small errors in a copy of the sources, into results/mutants.csv: a minute for each of 60
	$(V)/bin/python -m tests.mutants $(ARGS)

cluster-test: $(V)/.dev  ## one study as a job array, by Dask and by Hydra on a real Slurm of one node; needs Debian and root
	$(V)/bin/python -m tests.cluster $(ARGS)

lint: $(V)/.dev  ## style, plain words and types
	$(V)/bin/ruff check . && $(V)/bin/ruff format --check . && $(V)/bin/python -m tests.style && $(V)/bin/mypy

fix: | $(V)/bin/ruff  ## repair style where it can be repaired by itself; the environment stays as it is
	$(V)/bin/ruff check --fix . && $(V)/bin/ruff format .

$(V)/bin/ruff: | $(V)/.dev

# A package is a folder of sim/ or a file next to the folders; its tests have its name, those of commands the name cli.
CODE = $(if $(ROOM),$(wildcard sim/$(ROOM) sim/$(ROOM).py))
CHECKED = $(wildcard $(foreach name,$(ROOM) $(if $(filter commands __main__,$(ROOM)),cli),tests/$(name) tests/test_$(name).py))

check: $(V)/.dev  ## style, types and tests of one package of sim/: make check ROOM=measures
	@test -n "$(CODE)" || { echo "ROOM is no package of sim/: name one, as in make check ROOM=measures"; exit 2; }
	$(V)/bin/ruff check $(CODE) $(CHECKED) && $(V)/bin/ruff format --check $(CODE) $(CHECKED)
	$(V)/bin/mypy --follow-imports=silent $(CODE)
	$(if $(CHECKED),$(V)/bin/python -m pytest -q $(PLAIN) -m "not compilation and not slow" $(CHECKED) $(ARGS),@echo "$(ROOM) has no tests of its own")

sizes: $(V)/.dev  ## lines, bytes and files of each package of sim/, which nobody judges
	$(V)/bin/python -m tests.sizes

lock: | $(UV)  ## renew both locks from pyproject.toml: the same versions for users and for developers
	$(UV) pip compile pyproject.toml --extra analysis --extra dask --extra web --group dev $(LOCKED) -o requirements-dev.lock
	$(UV) pip compile pyproject.toml --extra analysis --extra web -c requirements-dev.lock $(LOCKED) -o requirements.lock

sbom: | $(UV)  ## what users install, with hashes, as a CycloneDX list: build/sbom.cdx.json, from requirements.lock
	mkdir -p build && PYTHONWARNINGS=ignore $(UV) tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements \
		--pyproject pyproject.toml --output-reproducible --output-file build/sbom.cdx.json requirements.lock

.uv/bin/uv:
	python3 -m pip install -q --target .uv uv

# What a user needs; what developers have installed besides stays.
$(V)/.ok: requirements.lock requirements-dev.lock pyproject.toml | $(UV)
	$(UV) venv -q --allow-existing --python $(or $(PYTHON),'>=3.11') $(V)
	$(call install,$(if $(wildcard $(V)/bin/pytest),requirements-dev.lock,requirements.lock))
	$(if $(BYTECODE),$(V)/bin/python -m compileall -q sim)
	@touch $@

# What tests and documentation need besides.
$(V)/.dev: $(V)/.ok requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch $@

.PHONY: fix check sizes seal rendered light release-tables release-runs league recovery run test test-all browser compilations reference docs site calibrate renew recalibrate statements ladders cases ablation benchmarks benchmarks-check benchmarks-engines ledger pairing fuzz mutants cluster-test lint lock sbom types
