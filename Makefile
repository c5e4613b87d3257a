# `make run` starts the platform, `make test` checks it. Both get what is missing first; see .ci/setup.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test bench lint docs setup

# Outside the checkout, so that several of them share what is built.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ledgerline/target
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# Always the same packages, features and profile, so that dependencies are built once; only what is simulated or measured
# has a profile of its own, in which the model is optimised.
all := --workspace --all-features
benches := $(basename $(notdir $(wildcard tests/bench/src/bin/*.rs)))

help: ## says this
	@sed -n 's/^\([a-z]*\):.* ## /make \1\t/p' Makefile | expand -t 12

run: ## starts the platform with demo data; it keeps its log in data/
	.ci/setup build
	cargo build $(all) --bin ledgerline
	exec "$$CARGO_TARGET_DIR/debug/ledgerline" serve --demo --data data

test: ## runs every check, as the build server does
	.ci/setup test
	.ci/test

bench: ## measures; NAME=log measures one thing only
	.ci/setup bench
	for name in $(or $(NAME),$(benches)); do \
	    [ -e "tests/bench/src/bin/$$name.rs" ] || { echo "there is no bench $$name, only: $(benches)" >&2; exit 1; }; \
	done
	cargo build $(all) --bins --profile fast
	for name in $(or $(NAME),$(benches)); do "$$CARGO_TARGET_DIR/fast/$$name"; done

lint: ## runs the checks that are no tests
	.ci/setup test
	cargo fmt --all --check
	cargo clippy $(all) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc $(all) --no-deps --document-private-items
	cargo deny --log-level error check bans licenses sources

docs: ## writes what docs/ takes from the code, and the code's own pages
	.ci/setup test
	LEDGERLINE_GOLDEN=write cargo nextest run $(all) -E 'package(domain-model) & test(/^docs::|::the_page_|the_published_schema/)'
	cargo doc $(all) --no-deps --document-private-items

setup: ## gets what building, testing and measuring need
	.ci/setup test
	.ci/setup bench
