# The send protocol under the fault simulator.

.PHONY: sim mutants

sim: $(bin)/mend ## Run 3,000 virtual worlds that fail, and check the invariants.
	@$(bin)/mend simulate --seeds 3000 --days 45

mutants: ## Remove each condition of the send protocol, one at a time, and fail unless the simulator sees it.
	@go run ./infra/mutants
