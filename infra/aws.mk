# Mend on AWS: what `sam build` runs, and what an operator does. docs/aws.md tells it step by step.

STACK ?= mend
ARCH ?= arm64
PARAMETERS ?=

sam := SAM_CLI_TELEMETRY=0 .tools/sam/bin/sam
functions := Web Dispatch Send Reply Feedback

# sam passes nothing of the template to make, so the architecture comes by the environment.
MEND_ARCH ?= $(ARCH)
goarch = $(if $(filter x86_64,$(MEND_ARCH)),amd64,arm64)

.PHONY: aws-tools aws-build deploy deploy-check e2e e2e-undone rehearsal lint bench $(functions:%=build-%Function)

# build-WebFunction and so on: BuildMethod makefile calls them with ARTIFACTS_DIR.
# `go build` names it bootstrap.
$(functions:%=build-%Function): build-%Function:
	@GOOS=linux GOARCH=$(goarch) CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags '-s -w' \
		-o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$(shell echo $* | tr A-Z a-z)/bootstrap

aws-tools:
	@for tool in sam cfn-lint checkov; do infra/tools/python-tool.sh $$tool; done

aws-build: aws-tools ## Build the functions for AWS (ARCH=arm64 or x86_64).
	@MEND_ARCH=$(ARCH) $(sam) build --build-in-source --parameter-overrides Architecture=$(ARCH)

deploy: deploy-check lint aws-build ## Check, build, lint and deploy to AWS, and make the keys (STACK=mend PARAMETERS='MailDomain=… …').
	@$(sam) deploy $(if $(AWS_REGION),--region $(AWS_REGION)) --stack-name $(STACK) --resolve-s3 \
		--no-fail-on-empty-changeset --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND \
		--parameter-overrides Architecture=$(ARCH) $(PARAMETERS)
	@$(bin)/mend keys init --stack $(STACK)

deploy-check: $(bin)/mend ## Look whether a deployment can succeed, before anything is created.
	@$(bin)/mend check --stack $(STACK) $(PARAMETERS)

lint: aws-tools ## Check the templates, and each role against its function's code.
	@infra/lint/templates
	@go test -count=1 ./infra/lint

e2e: ## Deploy to an emulator and walk the whole journey there.
	@go test -count=1 -v -tags e2e -timeout 15m ./infra/e2e

e2e-undone: ## Show that make e2e fails without each line that AWS needs and emulators do not miss (half an hour).
	@go test -count=1 -v -tags undone -timeout 90m ./infra/e2e

rehearsal: ## Ask a stricter emulator of AWS: the table, the requests made by hand, mail that comes in (builds it first: half an hour, once).
	@infra/tools/fakecloud.sh
	@MEND_FAKECLOUD=$(CURDIR)/.tools/fakecloud/bin/fakecloud \
		go test -count=1 -v -tags rehearsal -timeout 30m ./infra/rehearsal

bench: $(bin)/mend ## Print what letters cost beside the bare SDK's, what a million people cost while 1,000 are due, and cold starts (five minutes, 4 GB).
	@go run ./infra/lab bench compare
	@go test -run '^$$' -bench 'ThousandDue|ManyDueAtOnce' -benchtime 1x -timeout 30m ./shared/service
	@go test -count=1 -v -tags bench ./infra/bench
