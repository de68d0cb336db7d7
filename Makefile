# The commands of the README. Each sets up what it needs by itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup run test e2e lint fmt bench sabotage mutants stop

help: ## Show this list
	@printf 'WabotIQ\n\n'
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install what building and running needs (once; a second time takes about a second)
	@scripts/setup.sh

run: ## Build the release and serve it with demo data on http://localhost:3000
	@scripts/run.sh

test: ## Run every test: SQLite and PostgreSQL, the real binary, a real browser
	@scripts/test.sh

e2e: ## Only the tests in a real browser
	@scripts/test.sh --browser

lint: ## Formatting, clippy with warnings denied, the floor plan
	@scripts/lint.sh

fmt: ## Format the Rust code
	@source scripts/toolchain.sh && use_toolchain && cargo fmt --all

bench: ## Measure the webhook against a durable SQLite
	@scripts/bench.sh

mutants: ## Change the rules of approvals, proofs and signatures in a copy, one by one, and see a test fail (hours; ONLY=file for one)
	@scripts/mutants.sh $(ONLY)

sabotage: ## Take each defence away in a copy and see its test turn red (an hour or two; ONLY="name name" for some)
	@scripts/sabotage.sh $(ONLY)
