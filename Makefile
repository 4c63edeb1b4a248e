# Everything the project can do, as one-word commands. Needs Node >= 20 and npm; what else a target needs is said
# by the target itself when it is missing.
SHELL := /bin/bash
NODE_FLAGS := --experimental-vm-modules --no-warnings
JEST := NODE_OPTIONS="$(NODE_FLAGS)" node_modules/.bin/jest
SOURCES := $(shell find src passes test -name '*.ts' -o -name 'tsconfig.json' 2>/dev/null)

.PHONY: all build demo test golden bless tidy lint format api bench bench-emulator xen-test oracle record clean

all: build

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

dist/.built: node_modules/.package-lock.json tsconfig.json $(SOURCES)
	@rm -rf dist
	node_modules/.bin/tsc -p tsconfig.json
	node_modules/.bin/tsc -p src/report/html/browser/tsconfig.json
	@touch $@

build: dist/.built

## The bundled example, from objects to a payload. No compiler needed.
demo: build
	@node dist/src/cli.js demo

## Unit tests, golden cases, house rules. The last line is `N passed, N failed`.
test: build
	@$(JEST)

## Golden cases only: text that a reviewer has read.
golden: build
	@$(JEST) dist/test/golden

## Rewrites golden texts after the unit tests have passed, and shows what changed.
bless: build
	@$(JEST) --testPathIgnorePatterns dist/test/golden dist/test/house
	@XSPLICE_BLESS=1 $(JEST) dist/test/golden --testPathIgnorePatterns dist/test/golden/orphans
	@$(JEST) dist/test/golden/orphans
	@git --no-pager diff --stat -- golden; git --no-pager diff -- golden; git status --short -- golden

## House rules only.
tidy: build
	@$(JEST) dist/test/house

lint: node_modules/.package-lock.json
	node_modules/.bin/eslint .
	node_modules/.bin/prettier --check .

format: node_modules/.package-lock.json
	node_modules/.bin/prettier --write .

## The documentation of the library as pages, in dist/api. `make tidy` tells what lacks documentation.
api: build
	node_modules/.bin/typedoc

## Times the tool over real trees; makes them when they are not there (see test/bench).
bench: build
	@node dist/test/bench/run.js

## Times the emulator beside Unicorn (gcc and libunicorn-dev) and the processor itself. PROGRAMS=regex runs just these.
bench-emulator: build
	@PROGRAMS='$(PROGRAMS)' node dist/test/emulator/speed/run.js

## The real hypervisor under QEMU. CASES=a,b runs just these.
xen-test: build
	@node dist/test/xen/run.js $(CASES)

## The emulator, interpreting and translating, against the processor of this machine, with random cases. CASES=n SEED=n
## FORMS=regex WAYS=regex. Needs gcc.
oracle: build
	@CASES=$(CASES) SEED=$(SEED) FORMS='$(FORMS)' WAYS='$(WAYS)' node dist/test/emulator/oracle/run.js

## Rewrites golden/insn with what the processor of this machine does. Needs gcc.
record: build
	@node dist/test/emulator/oracle/record.js

clean:
	rm -rf dist node_modules
