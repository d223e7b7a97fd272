# Two commands do everything on a fresh Debian 12 with Swift 6.3: `make run` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

.NOTPARALLEL:

# One set of flags for every debug build and one for every release build, so that each is built once.
# Two checks ride on the debug build: an import that Package.swift does not allow is an error, and so is
# a warning in our own code. A newer compiler's warnings never keep anyone from `make run`.
DEBUG := --configuration debug --explicit-target-dependency-import-check error
RELEASE := --configuration release --product
STRICT := SIGNALBOX_STRICT=1

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
test: setup-test certs check ## Everything CI needs: check, unit tests, stock clients, crash test
	# A few at a time: tests that wait for a peer must not wait for all the others' turns as well.
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=8 $(STRICT) swift test $(DEBUG) --skip-build --disable-xctest
	@$(MAKE) interop
	@Tests/StockClients/run
	@Tests/CrashTest/run

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
	rm -rf .build .build-asan .build-tsan .build-peers .run certs/*.pem certs/*.srl certs/*.csr
