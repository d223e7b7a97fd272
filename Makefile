# Two commands do everything on a fresh Debian 12 with Swift 6.3: `make run` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.NOTPARALLEL:

# One set of flags for every debug build and one for every release build, so that each is built once.
# Two checks ride on the debug build: an import that Package.swift does not allow is an error, and so is
# a warning in our own code. A newer compiler's warnings never keep anyone from `make run`.
# The debug build has a folder of its own, so that it runs beside the release build, and leaves out what
# only a debugger would use.
DEBUG := --configuration debug --scratch-path .build-test --explicit-target-dependency-import-check error \
	-debug-info-format none
RELEASE := --configuration release --product
STRICT := SIGNALBOX_STRICT=1
# A few at a time: tests that wait for a peer must not wait for all the others' turns as well.
UNIT := NO_COLOR=1 SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 \
	.build-test/debug/signalboxPackageTests.xctest --testing-library swift-testing

.PHONY: help
help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what is missing to build and run (apt; Swift itself comes from swift.org/install)
	@scripts/setup run

.PHONY: certs
certs: ## Make the development certificates in certs/, if missing or about to expire
	@scripts/setup run
	@certs/make

.PHONY: release
release: setup
	swift build $(RELEASE) signalbox-expression
	swift build $(RELEASE) signalbox

.PHONY: interop
interop: release
	swift build $(RELEASE) signalbox-interop

.PHONY: build
build: interop ## Build the release binaries

.PHONY: run
run: release certs ## Run the order-approval example for real and leave the server running
	@scripts/run

.PHONY: check
check: setup-test lint generated documents debug ## Lint, generated code freshness, documents, import check

.PHONY: lint
lint:
	@find Sources Tests codegen -name '*.swift' -not -path '*/Generated/*' -not -path '*/.build/*' -print0 \
	  | xargs -0 swift format lint --strict --parallel
	@echo "lint: clean"

.PHONY: generated
generated:
	@codegen/generate --check

.PHONY: documents
documents:
	@scripts/check-documents

.PHONY: debug
debug:
	$(STRICT) swift build $(DEBUG) --build-tests

.PHONY: setup-test
setup-test:
	@scripts/setup test

.PHONY: test
test: setup-test certs lint generated documents ## Everything CI needs: check, unit tests, stock clients, crash test
	@# The two builds share no folder, and each leaves a core idle at times: the release build above all near its
	@# end, when the debug build is done.
	@{ $(MAKE) debug clients 2>&1 | sed -u 's/^/debug   | /'; } & debug=$$!; \
	{ $(MAKE) interop 2>&1 | sed -u 's/^/release | /'; } & release=$$!; \
	status=0; wait $$debug || status=1; wait $$release || status=1; exit $$status
	@$(UNIT)
	@Tests/StockClients/run
	@Tests/CrashTest/run

.PHONY: unit
unit: debug ## The tests in Swift
	@$(UNIT)

.PHONY: clients
clients: setup-test
	@Tests/StockClients/prepare

.PHONY: sanitize
sanitize: setup-test certs ## The test suite under the address (with leaks) and thread sanitizers
	scripts/sanitize address
	scripts/sanitize thread

.PHONY: bench
bench: setup-bench certs interop ## Measure beside the peers and print one table
	@benchmarks/run

.PHONY: setup-bench
setup-bench:
	@scripts/setup bench

.PHONY: clean
clean: ## Remove everything that was built or made, certificates too
	rm -rf .build .build-test .build-asan .build-tsan .build-clients .build-peers .run certs/*.pem certs/*.srl certs/*.csr
