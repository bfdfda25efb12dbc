# The zone database that is linked into every binary.

.PHONY: zones

zones: ## Renew the zone database (Python's pip brings it).
	@go run ./infra/zones
