# Everything to do with this checkout; `make help` lists it. Nothing but Rust and a C compiler has to be there before:
# what else is needed is found or brought into .local-stack/, which git ignores.

.DEFAULT_GOAL := help
.PHONY: help run watch demo test test-long fmt fmt-check lint clippy contract breaking doc build deny advisories bench bench-growth chaos mutants fuzz \
	fuzz-merge fuzz-seeds

SCRIPTS := local-stack/scripts
TOOLS := .local-stack/tools
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.1
# In CI the lock file has to be right as it is; elsewhere cargo may bring it up to date.
LOCKED := $(if $(filter true,$(CI)),--locked)
# Arguments for run, watch, demo and the benches, such as ARGS="--query-address 127.0.0.1:6000".
ARGS :=
# Cases per property in test-long.
PROPTEST_CASES ?= 4096
AGAINST ?= .git\#branch=main
# What fuzz does, and for how long.
TARGET ?= commands
SECONDS ?= 60
# The most orders that bench-growth generates.
ORDERS ?= 10000000
# What chaos does follows from the seed; it has things fail for so many seconds.
SEED ?= 1
DURATION ?= 300
BUILD_FAILPOINTS := cargo build $(LOCKED) --workspace --features command-service/failpoints --bin command-service-failpoints --test layering
BUILD_BENCH := cargo build $(LOCKED) --release -p command-service -p query-service -p benches

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: ## Start PostgreSQL, NATS and both services, and stop them with Ctrl-C
	@$(SCRIPTS)/ensure-postgres
	@$(SCRIPTS)/ensure-nats
	@cargo build $(LOCKED) -p command-service -p query-service -p local-stack
	@exec cargo run $(LOCKED) --quiet -p local-stack -- run $(ARGS)

watch: ## Print what happens to orders in the running stack, as it happens
	@exec cargo run $(LOCKED) --quiet -p local-stack -- watch $(ARGS)

demo: ## Place a few dozen orders with the running stack and show what became of them
	@exec cargo run $(LOCKED) --quiet -p local-stack -- demo $(ARGS)

test: lint doc build ## Everything that has to pass: formatting, lints, documentation, all tests
	@$(SCRIPTS)/ensure-postgres
	@$(SCRIPTS)/ensure-nats
	cargo test $(LOCKED) --workspace

test-long: lint doc build ## The same with many more cases per property, and the slow tests
	@$(SCRIPTS)/ensure-postgres
	@$(SCRIPTS)/ensure-nats
	PROPTEST_CASES=$(PROPTEST_CASES) cargo test $(LOCKED) --workspace -- --include-ignored

chaos: ## Kill, freeze and cut everything under load for DURATION seconds, by SEED, and check that no promise breaks
	@$(SCRIPTS)/ensure-postgres
	@$(SCRIPTS)/ensure-nats
	@cargo build $(LOCKED) -p command-service -p query-service -p chaos
	$(if $(findstring --failpoints,$(ARGS)),@$(BUILD_FAILPOINTS))
	@exec cargo run $(LOCKED) --quiet -p chaos -- --seed $(SEED) --duration $(DURATION) $(ARGS)

mutants: ## Build the services with one defect after the other, and see that chaos finds each; takes half an hour
	@$(SCRIPTS)/ensure-postgres
	@$(SCRIPTS)/ensure-nats
	@chaos/mutants/run

bench: ## Measure every workload beside what PostgreSQL and gRPC can do alone; docs/performance.md explains it
	@$(SCRIPTS)/ensure-postgres
	@$(BUILD_BENCH)
	@exec target/release/bench run $(ARGS)

bench-growth: ## Measure whether operations cost more when there are more orders, up to ORDERS of them
	@$(SCRIPTS)/ensure-postgres
	@$(BUILD_BENCH)
	@exec target/release/bench growth --orders $(ORDERS) $(ARGS)

fmt: ## Format the code and the contract
	cargo fmt --all
	$(SCRIPTS)/buf format --write --path proto/orders

fmt-check:
	cargo fmt --all --check

lint: fmt-check contract clippy ## Formatting, lints of the code and of the contract

clippy:
	cargo clippy $(LOCKED) --workspace --all-targets -- -D warnings

contract: ## Lint the contract in proto/
	$(SCRIPTS)/lint-contract

breaking: ## Compare the contract with that of AGAINST (the main branch): nothing that callers rely on may go
	$(SCRIPTS)/buf breaking --against '$(AGAINST)'

doc: ## The documentation of all crates, in target/doc
	RUSTDOCFLAGS="-D warnings" cargo doc $(LOCKED) --workspace --no-deps

# Tests start the services' programs; built with the tests in one go, because both share everything but the last step. The one with
# failpoints is built with a test, and so with the same features of everything else.
build: ## All programs and tests
	cargo build $(LOCKED) --workspace --lib --bins --tests
	$(BUILD_FAILPOINTS)

deny: $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION) ## Check licences, sources and bans of all dependencies
	$</bin/cargo-deny --locked --workspace check --hide-inclusion-graph bans licenses sources

advisories: $(TOOLS)/cargo-deny-$(CARGO_DENY_VERSION) ## Check all dependencies for known vulnerabilities; reads the database of advisories from GitHub
	$</bin/cargo-deny --locked --workspace check --hide-inclusion-graph advisories

$(TOOLS)/cargo-deny-%:
	cargo install --locked --quiet --root $@ --version $* cargo-deny

# Sanitizers look for what safe code cannot do, and need a compiler that is not the stable one.
FUZZ := $(CURDIR)/$(TOOLS)/cargo-fuzz-$(CARGO_FUZZ_VERSION)/bin/cargo-fuzz

fuzz: $(TOOLS)/cargo-fuzz-$(CARGO_FUZZ_VERSION) ## Throw inputs at TARGET for SECONDS; what it finds stays in fuzz/libfuzzer/artifacts
	mkdir -p target/fuzz-corpus/$(TARGET)
	cd fuzz/libfuzzer && $(FUZZ) run --fuzz-dir . --target-dir $(CURDIR)/target/fuzz --sanitizer none $(TARGET) \
		$(CURDIR)/target/fuzz-corpus/$(TARGET) $(CURDIR)/fuzz/corpus/$(TARGET) -- -max_total_time=$(SECONDS) -max_len=8192

fuzz-merge: $(TOOLS)/cargo-fuzz-$(CARGO_FUZZ_VERSION) ## Put into the corpus of TARGET what fuzz tried and what gets further than it does so far
	cd fuzz/libfuzzer && $(FUZZ) run --fuzz-dir . --target-dir $(CURDIR)/target/fuzz --sanitizer none $(TARGET) \
		$(CURDIR)/fuzz/corpus/$(TARGET) $(CURDIR)/target/fuzz-corpus/$(TARGET) -- -set_cover_merge=1 -use_counters=0 -max_len=8192

fuzz-seeds: ## Put real requests into the corpora of the fuzz targets
	cargo run $(LOCKED) --quiet -p fuzz-targets --example seeds

$(TOOLS)/cargo-fuzz-%:
	cargo install --locked --quiet --root $@ --version $* cargo-fuzz
