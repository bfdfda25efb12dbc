# Two targets are for everybody: `make run` and `make test`. Each does all of its own set-up.
# `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

bin := .tools/bin

.PHONY: help run test quick browser lint-content fmt

help: ## List the targets.
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Build Mend and run all of it on this machine (ADDR=HOST:PORT, DATA=FOLDER, ARGS=--demo).
	@ADDR="$(ADDR)" DATA="$(DATA)" infra/run $(ARGS)

# Go knows what changed since the last build, so this always asks it.
$(bin)/mend: build-mend
.PHONY: build-mend
build-mend:
	@go build -trimpath -buildvcs=auto -o $(bin)/mend ./cmd/mend

test: ## Run every check, and end with a summary (twenty minutes).
	@infra/test

quick: ## Run vet and the short Go tests (a minute).
	@go vet ./...
	@go test -short ./...

browser: ## Walk the pages and letters in Chromium (ARGS=--update takes its pictures as those to compare with).
	@infra/browser/run $(ARGS)

lint-content: $(bin)/mend ## Say what is wrong with the cards.
	@$(bin)/mend content lint

fmt: ## Format the Go files.
	@gofmt -w cmd content functions infra shared

-include infra/*.mk
