# The send protocol under the fault simulator.

.PHONY: sim mutants

sim: ## Run 3,000 virtual worlds that fail, and check the invariants.
	@go run ./infra/lab simulate --seeds 3000 --days 45
	@go run ./infra/lab simulate --seed $$(($$(date +%s)*1000)) --seeds 40 --days 45 # worlds that were never run before

mutants: ## Remove each condition of the send protocol, one at a time, and fail unless the simulator sees it.
	@go run ./infra/lab mutants
