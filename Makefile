# Every target is one line; `make` alone lists them. Settings: AWS_PORT (or PORT), SANDBOX_PORT, WATCH_PORT, and those each target names.
.DEFAULT_GOAL := help
LOCAL = $(if $(shell command -v python3),python3 infra/local/local.py,$(error Python 3 is needed and `python3` is not on the PATH: get it from https://www.python.org/downloads/))
AWS_PORT ?= $(PORT)
export AWS_PORT SANDBOX_PORT WATCH_PORT HOUSEHOLD PERSON AUTO FAULT AS_OF TYPE

.PHONY: help demo console test check prove bench faults up down deploy watch logs event package generate fmt setup clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## set up, build, deploy locally and run a household: HOUSEHOLD=file PERSON=id AUTO=approve|skip|mixed AS_OF=date FAULT=name
	@$(LOCAL) demo

console: ## open the web console on a household to look at, or say where it is
	@$(LOCAL) console

test: ## run every test, the end-to-end ones on the local AWS included
	@$(LOCAL) test

check: fmt-check clippy docs generated lint unit ## what CI runs: formatting, lints, docs, generated files, template, dependencies, tests without AWS

prove: ## run every workflow with everything that can go wrong: ARGS="--pairs 10000 --workflow id --replay case"
	@cargo run --quiet --profile prove --package prove -- $(ARGS)

bench: ## measure the compiler, how long a run's change takes to reach its card, and the functions' sizes: FUNCTIONS="quick-saver automated"
	cargo bench --package statemachines --bench compile && $(LOCAL) latency && $(LOCAL) sizes $(FUNCTIONS)

faults: ## list the kinds of failure that `make demo FAULT=name` shows
	@cargo run --quiet --package demo -- faults

up: ## start the local AWS and the provider sandbox, and deploy: PORT=4566
	@$(LOCAL) up

down: ## stop everything that runs in the background
	@$(LOCAL) down

deploy: ## build and deploy to the local AWS
	@$(LOCAL) deploy

watch: ## serve the deployed functions from the working tree: an edit to a handler is live
	@$(LOCAL) watch

logs: ## show what the functions logged, and the failure queue: FOLLOW=1
	@$(LOCAL) logs $(if $(FOLLOW),--follow)

event: ## put an event on the bus: FILE=events/samples/simulation-completed.json
	@$(LOCAL) event "$(FILE)"

package: ## build the functions for AWS: ARCH=arm64|x86_64
	@$(LOCAL) package --architecture $(or $(ARCH),arm64)

generate: ## write every generated file
	cargo run --quiet --package statemachines --bin catalog -- generate && python3 infra/generate.py && UPDATE=1 cargo test --quiet --package api the_document_is_up_to_date

fmt: ## format the code
	cargo fmt --all

setup: ## install the tools for the local AWS, at pinned versions, under .local
	@$(LOCAL) setup

clean: ## stop everything and remove what was built and installed
	@$(LOCAL) clean && cargo clean

# The parts of `check`.
.PHONY: fmt-check clippy docs generated lint unit
fmt-check: ; cargo fmt --all --check
clippy: ; cargo clippy --workspace --all-targets -- -D warnings
docs: ; RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
generated: ; cargo run --quiet --package statemachines --bin catalog -- generate --check && cargo run --quiet --package statemachines --bin catalog -- check
lint: ; @$(LOCAL) lint
unit: ; cargo test --workspace
