# `make` lists what there is. Everything is a short call of cargo; the tools themselves are Rust, in xtask/.
.DEFAULT_GOAL := help
.PHONY: help run test quick clients bench soak sim fuzz fmt lint tidy deny settings openapi setup

CARGO ?= cargo
SEEDS ?= 100
TARGET ?= commands
SECONDS ?= 60
MINUTES ?= 30
# What fuzzing is built with; the instrumentation is not stable in the compiler.
FUZZ_CARGO ?= $(CARGO) +nightly

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: ## Build and start the whole exchange with demo markets and accounts (HTTP on 8080, gRPC on 9090, data under data/)
	$(CARGO) run --release --locked -p rialto --bin rialto -- run --demo

test: ## Check the rules, run every test, and drive the exchange with unmodified clients
	$(CARGO) xtask test

quick: ## The Rust tests alone, for the loop of writing
	$(CARGO) nextest run --workspace

clients: ## The client scripts of tests/clients alone
	$(CARGO) xtask clients

bench: ## Measure the engine beside its peers, the durable node and the doors; ARGS=sockets: one section (see target/bench/)
	$(CARGO) run --release --locked -p simulator --features peers --bin bench -- $(ARGS)

soak: ## Half of the highest load for MINUTES=30, with clients that stall, reset, flood and lie (figures under target/soak/)
	$(CARGO) xtask soak --minutes $(MINUTES)

sim: ## Run SEEDS=100 seeded simulations with faults
	$(CARGO) run --release --locked -p simulator --bin sim -- --seeds $(SEEDS)

fuzz: ## Fuzz TARGET=commands for SECONDS=60; fuzz/README.md lists the targets
	@$(FUZZ_CARGO) fuzz --version >/dev/null 2>&1 || { echo "fuzzing needs cargo-fuzz, a nightly compiler and a C++ compiler:"; \
	  echo "  cargo install --locked cargo-fuzz && rustup toolchain install nightly --profile minimal"; exit 1; }
	mkdir -p fuzz/found/$(TARGET)
	$(FUZZ_CARGO) fuzz run $(TARGET) fuzz/found/$(TARGET) fuzz/corpus/$(TARGET) -- -max_total_time=$(SECONDS) \
	  -timeout=30 -malloc_limit_mb=512 -rss_limit_mb=3000 -print_final_stats=1

fmt: ## Format everything
	$(CARGO) fmt --all

lint: tidy ## Format check, clippy without a warning, and the project's own rules
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings

tidy: ## The project's own rules: layers, table prefixes, lengths, crate map, records
	$(CARGO) xtask tidy

deny: ## Licences, advisories and bans of the dependencies (installs cargo-deny from source once, some minutes)
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --locked cargo-deny
	$(CARGO) deny check

settings: ## Write docs/settings.md and rialto.example.toml from the settings in the code
	$(CARGO) build --locked -p rialto --bin rialto
	$(CARGO) run -q --locked -p rialto --bin rialto -- settings > docs/settings.md
	$(CARGO) run -q --locked -p rialto --bin rialto -- settings --toml > rialto.example.toml

openapi: ## Write openapi/rialto.json from the operations in the code
	$(CARGO) build --locked -p rialto --bin rialto
	$(CARGO) run -q --locked -p rialto --bin rialto -- openapi > openapi/rialto.json

setup: ## Install, or name, what the tests need from the machine
	$(CARGO) xtask setup
