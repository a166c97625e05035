# `make demo` and `make test` work on a fresh Debian or Ubuntu machine with Rust and Node; the rest is for people who
# work here. Every recipe builds with scripts/env, so that all clones of one user share one target directory.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test check lint format gen web bench fuzz

help:
	@echo 'make demo    install what is missing, build, start with demo data, place a call, print address and sign-in'
	@echo 'make test    everything: lints, unit tests, both databases, browser'
	@echo 'make check   the quick loop: formatting, lints, and the tests that need no browser and no PostgreSQL'
	@echo 'make gen     write OpenAPI document, TypeScript client and .env.example anew'
	@echo 'make format  format Rust and TypeScript'
	@echo 'make bench   load and latency, with a table at the end'
	@echo 'make fuzz    ten minutes for each fuzz target'

demo:
	@scripts/demo

test:
	@scripts/test

check:
	@scripts/check

lint:
	@. scripts/env && scripts/lint

format:
	@. scripts/env && cargo fmt --all
	@cd web && npm run --silent format

gen: web/node_modules/.ready
	@. scripts/env && cargo run --quiet -p xtask -- gen

web: web/node_modules/.ready
	@cd web && npm run --silent build

web/node_modules/.ready: web/package-lock.json
	@scripts/npm web

bench:
	@scripts/bench

fuzz:
	@scripts/fuzz
