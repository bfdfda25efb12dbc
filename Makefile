# Two targets are for everybody: `make run` and `make test`. Each does all of its own set-up.
# `make help` lists the rest.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

bin := .tools/bin
go_files := $(shell find cmd content functions shared infra -name '*.go' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.md' -o -name '*.yaml' -o -name '*.txt' 2>/dev/null) go.mod go.sum

.PHONY: help run test quick browser lint-content fmt

help: ## List the targets.
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(bin)/mend ## Build Mend and run all of it on this machine.
	@$(bin)/mend run $(ARGS)

# The Go values of the content, made anew when an editor's file changed.
.tools/content: $(shell find content -name '*.md' -o -name '*.yaml' -o -name '*.txt' 2>/dev/null)
	@mkdir -p .tools
	@go run -trimpath ./cmd/mend content build
	@touch $@

$(bin)/mend: .tools/content $(go_files)
	@mkdir -p $(bin)
	@echo "building mend …"
	@go build -trimpath -o $@ ./cmd/mend

test: ## Run the tests and linters, and end with a summary.
	@infra/test

quick: ## Run the Go tests alone.
	@go vet ./...
	@go test -short ./...

browser: ## Walk the pages and letters in Chromium (ARGS=--update takes its pictures as those to compare with).
	@infra/browser/run $(ARGS)

lint-content: $(bin)/mend ## Say what is wrong with the cards.
	@$(bin)/mend content lint

fmt: ## Format the Go files.
	@gofmt -w cmd content functions infra shared

-include infra/*.mk
